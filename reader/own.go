package reader

// AbsDir is the directory of _metadata as the names of located files begin with it: absolute if it is a local one.
func (s *Snapshot) AbsDir() string { return s.files.dir }

// Owns reports whether a name lies in the snapshot's own tree: in the directory of _metadata; of a checkpoint also where its job keeps what
// checkpoints share.
func (s *Snapshot) Owns(name string) bool { return s.files.inside(name) }
