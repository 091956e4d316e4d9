package mutants

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// negate turns e into its opposite: (e) != pick.Is(n).
func (x *finder) negate(e ast.Expr) {
	from, to := x.at(e.Pos()), x.at(e.End())
	x.add(e, Negate, x.source(e), edit{at: from, rank: -(to - from), text: "(("}, edit{at: to, rank: to - from, text: ") != pick.Is(%d))"})
}

// comparison moves the border of an ordered comparison by one.
func (x *finder) comparison(b *ast.BinaryExpr) {
	name, a, z := "", b.X, b.Y
	switch b.Op {
	case token.LSS:
		name = "pick.Less(%d, "
	case token.LEQ:
		name = "pick.LessEq(%d, "
	case token.GTR: // a > b is !(a <= b)
		name = "!pick.LessEq(%d, "
	case token.GEQ:
		name = "!pick.Less(%d, "
	default:
		return
	}
	from, to, op := x.at(a.Pos()), x.at(z.End()), x.at(b.OpPos)
	x.add(b, Shift, x.source(b),
		edit{at: from, rank: -(to - from) + 1, text: name}, edit{at: op, len: len(b.Op.String()), text: ","}, edit{at: to, rank: to - from - 1, text: ")"})
}

// drop leaves a statement out: if !pick.Is(n) { s }.
func (x *finder) drop(s ast.Stmt, after bool) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		if reports(s) || calls(s.X, "panic") {
			return
		}
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			return
		}
	case *ast.IncDecStmt:
	case *ast.ReturnStmt, *ast.BranchStmt:
		if b, ok := s.(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH || !after {
			return
		}
	default:
		return
	}
	from, to := x.at(s.Pos()), x.at(s.End())
	// Around the statement's own expressions, and inside of a swap.
	x.add(s, Drop, x.source(s), edit{at: from, rank: -inside, text: "if !pick.Is(%d) { "}, edit{at: to, rank: inside, text: " }"})
}

// inside is the rank of a statement's edits: they are outside of those of expressions,
// and outside ones are those of two statements.
const (
	inside  = 1 << 20
	outside = 1 << 21
)

// swap does the second of two statements first: the copy of b before a is the one
// without other changes, as a process has only one.
func (x *finder) swap(a, b ast.Stmt) {
	from, mid, to := x.at(a.Pos()), x.at(b.Pos()), x.at(b.End())
	x.add(a, Swap, x.source(a)+"; "+x.source(b),
		edit{at: from, rank: -outside, text: "if pick.Is(%d) { " + strings.ReplaceAll(x.source(b), "%", "%%") + " }; "},
		edit{at: mid, rank: -outside + 1, text: "if !pick.Is(%d) { "}, edit{at: to, rank: outside - 1, text: " }"})
}

// effect tells whether a statement asks the host for something, or may: it is a call
// of Effects or Outs, or passes them on.
func effect(s ast.Stmt) bool {
	if reports(s) {
		return false
	}
	var call *ast.CallExpr
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, _ = s.X.(*ast.CallExpr)
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			return false
		}
		ast.Inspect(s, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && call == nil && passesOut(c) {
				call = c
			}
			return true
		})
	}
	return call != nil && passesOut(call)
}

// passesOut tells whether a call is one of out, or has it as an argument.
func passesOut(c *ast.CallExpr) bool {
	isOut := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && id.Name == "out"
	}
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok && isOut(sel.X) {
		return true
	}
	return slices.ContainsFunc(c.Args, isOut)
}

// reports tells whether a statement only tells the checkers something.
func reports(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	return ok && (calls(e.X, "probe") || calls(e.X, "illegal"))
}

// calls tells whether e is a call of a function or method of this name.
func calls(e ast.Expr, name string) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name == name
	case *ast.SelectorExpr:
		return f.Sel.Name == name
	}
	return false
}

// logical returns e as an && or ||.
func logical(e ast.Expr) (*ast.BinaryExpr, bool) {
	for {
		p, ok := e.(*ast.ParenExpr)
		if !ok {
			break
		}
		e = p.X
	}
	b, ok := e.(*ast.BinaryExpr)
	return b, ok && (b.Op == token.LAND || b.Op == token.LOR)
}

// truth tells whether e is a bool by its looks.
func truth(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return truth(e.X)
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.BinaryExpr:
		switch e.Op {
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ, token.LAND, token.LOR:
			return true
		}
	}
	return false
}

// toggle tells whether e asks for a switch of the zoo, or for what only one of them sets,
// or whether this is a search, and nothing else. To negate that is to switch on a bug that has a name.
func toggle(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return toggle(e.X)
	case *ast.UnaryExpr:
		return e.Op == token.NOT && toggle(e.X)
	case *ast.BinaryExpr:
		id, ok := e.Y.(*ast.Ident)
		return ok && e.Op == token.EQL && id.Name == "StepHandOver"
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Has" {
			return false
		}
		bugs, ok := sel.X.(*ast.SelectorExpr)
		return ok && bugs.Sel.Name == "Bugs"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Timeless" || e.Sel.Name == "late"
	}
	return false
}

// zoo tells whether a condition holds only with a switch of the zoo on, or only in a
// search, whose normal form it makes.
func zoo(e ast.Expr) bool {
	if b, ok := logical(e); ok && b.Op == token.LAND {
		return zoo(b.X) || zoo(b.Y)
	}
	_, negated := e.(*ast.UnaryExpr)
	return !negated && toggle(e)
}

// unzoo tells whether a condition holds with all switches of the zoo off.
func unzoo(e ast.Expr) bool {
	u, negated := e.(*ast.UnaryExpr)
	return negated && toggle(u)
}
