package explore

// digraph is a graph that grows: edges as linked lists, so that old nodes may get
// more of them.
type digraph struct {
	head []int32 // by node: its last edge, -1 if it has none
	next []int32 // by edge: the one before
	to   []uint32
}

func (g *digraph) node() { g.head = append(g.head, -1) }

func (g *digraph) edge(from, to uint32) {
	g.next = append(g.next, g.head[from])
	g.to = append(g.to, to)
	g.head[from] = int32(len(g.to) - 1)
}

// components returns the strongly connected component of each node, numbered from
// 0, and for each component whether no edge leaves it. It is Tarjan's algorithm
// with a stack of its own: paths are as long as the graph is deep.
func (g *digraph) components() (of []int32, bottom []bool) {
	const unseen = -1
	n := len(g.head)
	of = make([]int32, n)
	order, low, at := make([]int32, n), make([]int32, n), make([]int32, n)
	for i := range of {
		of[i], order[i] = unseen, unseen
	}
	var open, path []uint32 // nodes without a component; the path under way
	count := int32(0)
	for root := range uint32(n) {
		if order[root] != unseen {
			continue
		}
		path = append(path, root)
		for len(path) > 0 {
			v := path[len(path)-1]
			if order[v] == unseen {
				order[v], low[v], at[v] = count, count, g.head[v]
				count++
				open = append(open, v)
			}
			if e := at[v]; e >= 0 {
				at[v] = g.next[e]
				switch w := g.to[e]; {
				case order[w] == unseen:
					path = append(path, w)
				case of[w] == unseen:
					low[v] = min(low[v], order[w])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				u := path[len(path)-1]
				low[u] = min(low[u], low[v])
			}
			if low[v] == order[v] {
				for w := uint32(0); ; {
					w, open = open[len(open)-1], open[:len(open)-1]
					of[w] = int32(len(bottom))
					if w == v {
						break
					}
				}
				bottom = append(bottom, true)
			}
		}
	}
	for v, e := range g.head {
		for ; e >= 0; e = g.next[e] {
			if of[g.to[e]] != of[v] {
				bottom[of[v]] = false
			}
		}
	}
	return of, bottom
}
