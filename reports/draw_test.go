package reports

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	_, err := Draw(minute().folder(t), dir+"/minute")
	require.NoError(t, err)
	_, err = Draw(small().folder(t), dir+"/small")
	require.NoError(t, err)
	_, err = Draw(newFixture(3, 0, 60*sec).folder(t), dir+"/empty")
	require.NoError(t, err)
	_, err = Draw(storm(24).folder(t), dir+"/storm")
	require.NoError(t, err)
	_, err = Draw(storm(5).folder(t), dir+"/storm5")
	require.NoError(t, err)
	fs, err := Failovers(minute().folder(t))
	require.NoError(t, err)
	for _, f := range fs {
		t.Logf("%+v", f)
	}
}
