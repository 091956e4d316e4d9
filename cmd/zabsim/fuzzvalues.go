package main

import (
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// runsValue is a number of runs; it is written with an x, so that nobody takes it for
// seconds.
type runsValue int

const runsMax = 1_000_000_000

// Set reads text.
func (v *runsValue) Set(text string) error {
	digits, ok := strings.CutSuffix(text, "x")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 || n > runsMax {
		return errors.New("want a number of runs with an x, such as 400x")
	}
	*v = runsValue(n)
	return nil
}

// String writes it as it is read, nothing for none.
func (v *runsValue) String() string {
	if *v == 0 {
		return ""
	}
	return strconv.Itoa(int(*v)) + "x"
}

// Type is the placeholder in the help.
func (*runsValue) Type() string { return "400x" }

// budgetValue is an amount of wall time.
type budgetValue time.Duration

const budgetMax = 1000 * time.Hour

// Set reads text.
func (v *budgetValue) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > budgetMax {
		return errors.New("want an amount of wall time with its unit, such as 60s or 1h; a number of runs is for --runs")
	}
	*v = budgetValue(d)
	return nil
}

// String writes it, nothing for none.
func (v *budgetValue) String() string {
	if *v == 0 {
		return ""
	}
	return time.Duration(*v).String()
}

// Type is the placeholder in the help.
func (*budgetValue) Type() string { return "5m" }

// baseValue is the seed of a campaign: a number, or a word that draws one.
type baseValue struct {
	word string // "random", or empty
	n    uint64
}

// Set reads text.
func (v *baseValue) Set(text string) error {
	if text == "random" {
		*v = baseValue{word: text}
		return nil
	}
	var s seedValue
	if err := s.Set(text); err != nil {
		return fmt.Errorf("%w, or random", err)
	}
	*v = baseValue{n: uint64(s)}
	return nil
}

// draw draws the number if a word stands for it. It is printed, so that the campaign
// can be repeated.
func (v *baseValue) draw() {
	if v.word == "random" {
		var b [8]byte
		_, _ = crand.Read(b[:]) // never fails
		v.n = binary.LittleEndian.Uint64(b[:]) >> 1
	}
}

// String writes what was typed.
func (v *baseValue) String() string {
	if v.word != "" {
		return v.word
	}
	return strconv.FormatUint(v.n, 10)
}

// Type is the placeholder in the help.
func (*baseValue) Type() string { return "N" }

// shardValue is a share of a campaign: the n-th of so many, from 1.
type shardValue struct{ n, of int }

const shardMax = 10_000

// Set reads text.
func (v *shardValue) Set(text string) error {
	a, b, ok := strings.Cut(text, "/")
	n, err1 := strconv.Atoi(a)
	of, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || n < 1 || of < n || of > shardMax {
		return errors.New("want the share and how many there are, from 1/N to N/N, such as 2/4")
	}
	*v = shardValue{n, of}
	return nil
}

// String writes it as it is read, nothing for the whole.
func (v *shardValue) String() string {
	if v.of < 2 {
		return ""
	}
	return fmt.Sprintf("%d/%d", v.n, v.of)
}

// Type is the placeholder in the help.
func (*shardValue) Type() string { return "I/N" }

// keepValue says which runs get a folder.
type keepValue struct {
	word string // "failed", "all", or empty for most
	most int
}

// Set reads text.
func (v *keepValue) Set(text string) error {
	if text == "failed" || text == "all" {
		*v = keepValue{word: text}
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > runsMax {
		return errors.New("want failed, all, or a number")
	}
	*v = keepValue{most: n}
	return nil
}

// String writes it as it is read.
func (v *keepValue) String() string {
	if v.word != "" {
		return v.word
	}
	return strconv.Itoa(v.most)
}

// Type is the placeholder in the help.
func (*keepValue) Type() string { return "failed|all|N" }

// allows tells whether finding number n, from 0, gets a folder.
func (v *keepValue) allows(n int) bool { return v.word != "" || n < v.most }
