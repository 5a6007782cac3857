package rocksdb

import "regexp"

// forStLogs is the directory in which ForSt keeps its own log: that of the instance, which Flink names after operator, subtask and
// attempt. RocksDB's is empty or the task manager's log directory.
var forStLogs = regexp.MustCompile(`/op_[^/]*__attempt_[0-9]+/db/?$`)

// product tells ForSt from RocksDB, whose files are the same: only ForSt has state of the asynchronous API, and its OPTIONS name a log
// directory that RocksDB's never do.
func (s *source) product() string {
	if s.asynchronous() {
		return "ForSt"
	}
	if o := s.dir.options(); o != nil && o.DB() != nil && forStLogs.MatchString(o.DB().Get("db_log_dir")) {
		return "ForSt"
	}
	return "RocksDB"
}
