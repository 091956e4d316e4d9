package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// node reports what is wrong with one node of the syntax.
func (c *checker) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		c.report(n, "go statement: use Client.Spawn")
	case *ast.ChanType:
		c.report(n, "channel: use Flag, or a variable that tasks share")
	case *ast.SelectStmt:
		c.report(n, "select: use Client.Wait")
	case *ast.SendStmt:
		c.report(n, "channel: use Flag, or a variable that tasks share")
	case *ast.UnaryExpr:
		c.unary(n)
	case *ast.RangeStmt:
		c.ranges(n)
	case *ast.SelectorExpr:
		c.selector(n)
	case *ast.AssignStmt:
		for _, left := range n.Lhs {
			c.assigned(left)
		}
	case *ast.IncDecStmt:
		c.assigned(n.X)
	}
}

func (c *checker) unary(n *ast.UnaryExpr) {
	switch n.Op {
	case token.ARROW:
		c.report(n, "channel: use Flag, or a variable that tasks share")
	case token.AND:
		if _, literal := n.X.(*ast.CompositeLit); !literal {
			c.assigned(n.X) // an address may be written through
		}
	}
}

func (c *checker) ranges(n *ast.RangeStmt) {
	if t := c.info.TypeOf(n.X); t != nil {
		switch t.Underlying().(type) {
		case *types.Map:
			c.report(n, "range over a map: its order changes; use slices.Sorted(maps.Keys(m))")
		case *types.Chan:
			c.report(n, "channel: use Flag, or a variable that tasks share")
		}
	}
	if n.Tok == token.ASSIGN {
		c.assigned(n.Key)
		c.assigned(n.Value)
	}
}

func (c *checker) selector(n *ast.SelectorExpr) {
	x, ok := n.X.(*ast.Ident)
	if !ok {
		return
	}
	pkg, ok := c.info.Uses[x].(*types.PkgName)
	if !ok || pkg.Imported().Path() != "time" {
		return
	}
	if instead, banned := timeInstead[n.Sel.Name]; banned {
		c.report(n, "time.%s: use %s", n.Sel.Name, instead)
	}
}

// assigned reports a change of a package variable: all clients of a run would
// share it, and a replay would find it changed.
func (c *checker) assigned(e ast.Expr) {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.Ident:
			if v, ok := c.info.Uses[x].(*types.Var); ok && c.pkg != nil && v.Parent() == c.pkg.Scope() {
				c.report(x, "package variable %s changes: keep state in local variables", x.Name)
			}
			return
		default:
			return
		}
	}
}
