// Package tree is the place of the znode tree, which is not built yet. Package
// tree/register holds the state machine that the ensemble replicates until then.
package tree
