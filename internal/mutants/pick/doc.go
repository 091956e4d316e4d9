// Package pick says which mutant a process is. Only rewritten copies of the protocol
// packages import it, and only a build with the tag "mutants" has anything in it: in
// every other build it is empty, and nobody imports it.
package pick
