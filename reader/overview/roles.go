package overview

import "strings"

// roles says what the states are that Flink's own operators keep, by the names that they give them.
var roles = map[string]string{
	"SourceReaderState":                  "source splits",
	"topic-partition-offset-states":      "offsets of the legacy Kafka consumer",
	"window-contents":                    "contents of windows",
	"merging-window-set":                 "session windows that were merged",
	"writer_raw_states":                  "sink writer",
	"streaming_committer_raw_states":     "sink committables",
	"global_committer_raw_states":        "sink committables",
	"remaining_compact_commit_raw_state": "file compaction of a sink",
	"remaining_requests_raw_state":       "file compaction of a sink",
	"compact_coordinator_states":         "file compaction of a sink",
	"bucket-states":                      "buckets of a streaming file sink",
	"max-part-counter":                   "part counter of a streaming file sink",
	"next-transactional-id-hint":         "transactional ids of the legacy Kafka producer",
	"next-transactional-id-hint-v2":      "transactional ids of the legacy Kafka producer",
	"file-monitoring-state":              "position of file monitoring",
	"nfaStateName":                       "partial matches of CEP",
	"eventQueuesStateName":               "events that wait in CEP",
	"LEFT_BUFFER":                        "interval join",
	"RIGHT_BUFFER":                       "interval join",
	"IntervalJoinLeftCache":              "interval join of SQL",
	"IntervalJoinRightCache":             "interval join of SQL",
	"accState":                           "accumulators of a SQL aggregate",
	"left-records":                       "join of SQL, left side",
	"right-records":                      "join of SQL, right side",
	"deduplicate-state":                  "deduplication of SQL",
	"window-aggs":                        "window aggregate of SQL",
	"_default_":                          "raw state of a user's operator",
	"coordinator":                        "operator coordinator",
}

// roleOf says what a state is for, if its name is one that Flink gives.
func roleOf(name string) string {
	if r, ok := roles[name]; ok {
		return r
	}
	if strings.HasPrefix(name, "sharedBuffer") {
		return "shared buffer of CEP"
	}
	return ""
}
