package reader

import (
	"context"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/reader/backend/inflight"
	"github.com/tarn-project/tarn/reader/backend/operator"
)

func openOperator(ctx context.Context, env *backend.Env, h *metadata.OperatorHandle, raw bool) (backend.Source, error) {
	return operator.Open(ctx, env, h, raw)
}

func openCoordinator(h *metadata.ByteStream) backend.Source { return operator.OpenCoordinator(h) }

// openChannels opens all channels of the part's subtask and direction.
func openChannels(ctx context.Context, env *backend.Env, p Part) (backend.Source, error) {
	sub := p.Operator.Subtask(p.Subtask)
	if sub == nil {
		return nil, fault.New(fault.ErrCorrupt, "channel state of a subtask that is not stored")
	}
	output := p.Slot == metadata.SlotResultSubpartition
	handles := sub.InputChannels
	if output {
		handles = sub.ResultSubpartitions
	}
	return inflight.Open(ctx, env, handles, output), nil
}
