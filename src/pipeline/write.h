// Write: one transaction after the other. While one runs, rows gather; when it ends, what has gathered goes next, at
// once or after a short rest (pace.h). A data error is bisected down to the one message, which becomes a dead letter; a
// transient error is waited out; a wrong configuration pauses. Only a confirmed COMMIT hands messages on to settle.
//
// The order within a group of a FIFO queue rests on three things (docs/guarantees.md). SQS hands a message over only
// together with, or after the delete of, everything before it in its group. The work stands in one line (the piece in
// hand, `pending_`, `gathered`, what waits for its object) in the order of receipt, and is never taken out of turn. And
// what leaves that line without a COMMIT takes everything behind it in its group along.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pipeline/appetite.h"
#include "pipeline/batch.h"
#include "pipeline/pace.h"
#include "pipeline/settle.h"
#include "pipeline/table_plan.h"
#include "pipeline/walk_state.h"
#include "privacy/seal.h"

namespace sqs2pg::pipeline {

class Writer {
   public:
    Writer(WalkState& state, Settler& settler, TablePlan& plan, const privacy::Sealer& sealer)
        : state_(state), settler_(settler), plan_(plan), sealer_(sealer) {}

    // Until the state is finished.
    awaitable<void> run();

   private:
    // Until enough has gathered, or no longer than the pace allows.
    awaitable<void> rest();
    awaitable<void> write_all(Batch batch);
    awaitable<void> after_failure(Batch batch, WriteFailure failure);
    // False: the piece went back to the pending ones, after a pause where one was due.
    awaitable<bool> table_is_as_mapped(Batch& piece);
    awaitable<bool> refused_by_another_shape(Batch& piece);
    awaitable<void> after_look(TablePlan::Found found);
    awaitable<void> pause_for(Error error, std::string how_to_end);
    void judge_as_received(const Batch& piece);
    std::vector<WriteEntry> entries_of(const Batch& batch);
    void make_dead_letter(Held& held);
    void commit(const Batch& batch, const WriteReport& report, Clock::Duration took);
    void refuse(const Batch& batch, const WriteFailure& failure);
    void let_lost_go(std::vector<Held*>& held);
    awaitable<void> give_late_ones_back(std::vector<Held*>& held);
    awaitable<Batch> give_bad_ones_back(Batch batch);
    awaitable<void> release(const Batch& batch);
    void judge(const Batch& batch, std::size_t keys, const WriteReport* report);
    std::string how_to_end(const Error& error) const;
    std::string fits_again() const;

    // FIFO queues, in write_fifo.cpp.
    void keep_order(Batch& piece);
    void give_late_ones_back_in_order(std::vector<Held*>& held);
    void let_go(const Batch& batch, std::string_view cause);
    std::vector<Held*> take_behind(const std::set<SharedText>& groups);
    void say_blocked(const Held& held, int after_seconds);
    void note_progress(const Batch& batch);
    bool blocks() const;

    WalkState& state_;
    Settler& settler_;
    TablePlan& plan_;
    AppetiteGauge appetite_;
    Pace pace_;
    const Held* doubted_ = nullptr;  // refused once, and tried again after a look at the table
    const privacy::Sealer& sealer_;
    std::vector<Batch> pending_;  // pieces of the batch in hand, last first
    int failures_ = 0;            // in a row
};

// The contract's dead-letter reason for a SQLSTATE of classes 22 and 23.
std::string_view reason_for_sqlstate(std::string_view sqlstate) noexcept;

}  // namespace sqs2pg::pipeline
