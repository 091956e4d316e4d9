package main
import ("testing";"fmt";"time";"zabsim/scenarios";"zabsim/zab/bug";"zabsim/zab/host")
func TestHuntX(t *testing.T){
 for _,b:=range []bug.Switch{0,1,2}{ for _,n:=range []string{"leader-crash","chaos","cold-start","rolling-restart","leader-partition"} { for _,sv:=range []int{3,5}{
  s,_:=scenarios.Lookup(n); hits:=[]string{}; st:=time.Now()
  for seed:=uint64(1);seed<=60;seed++ { o:=scenarios.Execute(s.Plan(seed,scenarios.Options{Servers:sv,Clients:3,For:0*host.Second,Bugs:bug.Set{}.With(b)}),scenarios.Settings{Reach:s.Reach}); if o.Verdict!=scenarios.Passed { hits=append(hits,fmt.Sprint(seed,":",o.Broken.Name)) } }
  if len(hits)>12 {hits=hits[:12]}
  fmt.Println(b,n,sv,hits,time.Since(st)/60)
 }}}
}
