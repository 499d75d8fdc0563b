// The transactions of one worker, see write.h.
#include "pipeline/write.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "pipeline/message_seal.h"

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr Backoff kRetryBackoff{100ms, 10s};
constexpr Backoff kPauseBackoff{2s, 30s};
constexpr int kTriesWhileHeld = 3;
constexpr auto kFreshLook = 100ms;
constexpr std::string_view kLockTimeout = "55P03";
constexpr std::string_view kLedgerRange = "ledger_range";

}  // namespace

std::string_view reason_for_sqlstate(std::string_view sqlstate) noexcept {
    constexpr std::pair<std::string_view, std::string_view> kReasons[] = {
        {"23502", "not_null"},     {"23505", "unique"},       {"23514", "check"},        {"23503", "foreign_key"},
        {"22001", "too_long"},     {"22003", "out_of_range"}, {"22008", "out_of_range"}, {"22021", "invalid_text"},
        {"22P05", "invalid_text"}, {"22P02", "wrong_type"},   {"22007", "wrong_type"},   {"22P03", "wrong_type"},
        {"22026", "wrong_type"},   {"22009", "out_of_range"}, {"22015", "out_of_range"},
    };
    for (const auto& [state, reason] : kReasons) {
        if (state == sqlstate) return reason;
    }
    return "refused";
}

awaitable<void> Writer::run() {
    while (!state_.finished) {
        if (state_.gathered.empty()) {
            appetite_.waits();
            co_await state_.changed.wait();
            continue;
        }
        const auto at_hand = state_.gathered.size();
        co_await rest();
        state_.writing = true;
        auto most = state_.give_up ? std::numeric_limits<std::size_t>::max() : state_.options.pipeline.max_batch_rows;
        auto held = take_oldest(state_.gathered, most);
        state_.appetite = appetite_.begins(held.size(), at_hand, most);
        if (state_.give_up) {
            co_await settler_.release(std::move(held));
        } else {
            // On a FIFO queue each piece is looked at again before it is written, see keep_order().
            if (state_.options.fifo) {
                give_late_ones_back_in_order(held);
            } else {
                co_await give_late_ones_back(held);
                let_lost_go(held);
            }
            Batch batch(std::move(held), state_.options.fifo ? Order::AsReceived : Order::ById);
            co_await write_all(std::move(batch));
        }
        state_.writing = false;
        state_.changed.notify_all();
    }
}

// Not on a FIFO queue: the rest of a group comes only when this part of it is deleted. The age is that of the younger
// one of the first and the last at hand: one old message among fresh ones shall not hold them up. A time that makes no
// sense is now, or 1970.
awaitable<void> Writer::rest() {
    const auto& gathered = state_.gathered;
    const auto enough = worth_a_transaction(state_.options.pipeline.max_batch_rows);
    if (state_.options.fifo || state_.stopping || gathered.size() >= enough) co_return;
    const auto youngest_ms = std::max(gathered.front()->message.sent_ms, gathered.back()->message.sent_ms);
    const auto now_ms = state_.clock.wall_ms();
    const auto age = std::chrono::milliseconds(now_ms - std::clamp<std::int64_t>(youngest_ms, 0, now_ms));
    const auto until = pace_.rests_until(age);
    if (until <= state_.clock.now()) co_return;
    appetite_.rests();
    co_await state_.enough.wait_until(state_.clock, until);
}

void Writer::let_lost_go(std::vector<Held*>& held) {
    auto now = state_.clock.now();
    std::vector<Held*> kept;
    std::vector<Held*> gone;
    for (auto* one : held) (one->lease_lost || now >= one->lease_until ? gone : kept).push_back(one);
    held = std::move(kept);
    state_.finish(gone, Outcome::Abandoned, "lease_lost");
}

// What came after the pipeline was told to hold still. `held` outlives the call.
awaitable<void> Writer::give_late_ones_back(std::vector<Held*>& held) {
    std::vector<Held*> kept;
    std::vector<Held*> late;
    for (auto* one : held) (one->give_back ? late : kept).push_back(one);
    if (late.empty()) co_return;
    held = std::move(kept);
    co_await settler_.release(std::move(late));
}

// The brake's own: what is bad goes back to the queue, to be looked at again when somebody has mended the cause.
awaitable<Batch> Writer::give_bad_ones_back(Batch batch) {
    std::vector<Held*> good;
    std::vector<Held*> bad;
    for (std::size_t key = 0; key < batch.keys(); ++key) {
        auto twins = batch.twins(key);
        auto& side = batch.first(key).bad ? bad : good;
        side.insert(side.end(), twins.begin(), twins.end());
    }
    if (bad.empty()) co_return batch;
    co_await settler_.release(std::move(bad));
    co_return Batch(std::move(good));
}

awaitable<void> Writer::release(const Batch& batch) {
    auto all = batch.all();
    std::vector<Held*> held(all.begin(), all.end());
    if (state_.options.fifo) {
        std::set<SharedText> groups;
        for (const auto* one : held) groups.insert(one->message.group_id);
        auto behind = take_behind(groups);
        held.insert(held.end(), behind.begin(), behind.end());
    }
    return settler_.release(std::move(held));
}

// What is certain of the first `keys` of a batch, in their order.
void Writer::judge(const Batch& batch, std::size_t keys, const WriteReport* report) {
    std::vector<const BadMessage*> verdicts;
    for (std::size_t key = 0; key < keys; ++key) {
        Held& held = batch.first(key);
        if (std::exchange(held.judged, true)) continue;
        bool duplicate = report != nullptr && report->fates[key] == Fate::Duplicate;
        verdicts.push_back(duplicate ? nullptr : held.bad.get());
    }
    state_.judge(JudgedAt::Write, verdicts);
}

void Writer::make_dead_letter(Held& held) {
    auto letter = std::make_unique<DeadLetter>();
    const auto& message = held.message;
    letter->why = *held.bad;
    letter->pipeline = state_.options.pipeline.name;
    letter->queue = state_.options.queue_name;
    letter->message_id = message.message_id;
    letter->sent_ms = message.sent_ms;
    letter->first_received_ms = message.first_received_ms != 0 ? message.first_received_ms : message.received_ms;
    letter->last_received_ms = message.received_ms;
    letter->receive_count = message.receive_count;
    letter->key_id = sealer_.key_id();
    std::string_view id(reinterpret_cast<const char*>(held.key.bytes.data()), held.key.bytes.size());
    letter->sealed = sealer_.seal(letter->pipeline, id, to_sealable_text(message));
    held.dead_letter = std::move(letter);
}

std::vector<WriteEntry> Writer::entries_of(const Batch& batch) {
    std::vector<WriteEntry> entries;
    entries.reserve(batch.keys());
    for (std::size_t key = 0; key < batch.keys(); ++key) {
        Held& held = batch.first(key);
        if (held.bad && !held.dead_letter) make_dead_letter(held);
        const bool first_receive =
            std::ranges::all_of(batch.twins(key), [](const Held* twin) { return twin->message.receive_count == 1; });
        entries.push_back({held.key, held.bad ? nullptr : &*held.row, held.dead_letter.get(), first_receive});
    }
    return entries;
}

awaitable<void> Writer::write_all(Batch batch) {
    pending_.clear();
    if (!batch.empty()) pending_.push_back(std::move(batch));
    while (!pending_.empty()) {
        Batch piece = std::move(pending_.back());
        pending_.pop_back();
        state_.heed_brake();
        if (state_.give_up || (state_.hold && state_.write_pause)) {
            co_await release(piece);
            continue;
        }
        const bool as_mapped = co_await table_is_as_mapped(piece);
        if (!as_mapped) continue;
        judge_as_received(piece);
        if (state_.options.fifo) {
            keep_order(piece);
        } else if (state_.hold && state_.hold->keeps_bad_messages()) {
            piece = co_await give_bad_ones_back(std::move(piece));
        }
        if (piece.empty()) continue;
        auto entries = entries_of(piece);
        auto started = state_.clock.now();
        auto report = co_await state_.database.write(entries);
        if (report && report->fates.size() == entries.size()) {
            commit(piece, *report, state_.clock.now() - started);
            continue;
        }
        WriteFailure failure =
            report ? WriteFailure{{ErrorKind::InDoubt, Stage::Write, "bad_report", {}}, {}, {}, {}, false}
                   : std::move(report.error());
        co_await after_failure(std::move(piece), std::move(failure));
    }
    // Nothing is left to try it with: what the pipeline resumes with is a new look.
    if (state_.hold) state_.resume(state_.write_pause);
}

void Writer::commit(const Batch& batch, const WriteReport& report, Clock::Duration took) {
    failures_ = 0;
    state_.resume(state_.write_pause);
    appetite_.committed(took);
    pace_.committed(batch.keys(), took, state_.clock.now());
    std::uint64_t rows = 0;
    std::int64_t oldest_ms = std::numeric_limits<std::int64_t>::max();
    for (std::size_t key = 0; key < batch.keys(); ++key) {
        auto twins = batch.twins(key);
        Held& first = *twins.front();
        bool written = report.fates[key] == Fate::Written;
        oldest_ms = std::min(oldest_ms, first.message.sent_ms);
        first.outcome = !written ? Outcome::Duplicate : first.bad ? Outcome::DeadLettered : Outcome::Inserted;
        if (written && first.row) rows += first.row->rows();
        if (written && first.bad) {
            state_.events.dead_letter(first.bad->reason, first.bad->place, first.message.message_id);
        }
        for (auto* twin : twins.subspan(1)) twin->outcome = Outcome::Duplicate;
        for (auto* twin : twins) twin->committed = true;
    }
    auto lag_ms = std::max<std::int64_t>(0, state_.clock.wall_ms() - oldest_ms);
    state_.events.committed(rows, batch.keys(), std::chrono::duration<double>(took).count(),
                            static_cast<double>(lag_ms) / 1000.0);
    judge(batch, batch.keys(), &report);
    if (blocks()) note_progress(batch);
    settler_.settle(batch.all());
}

// A bad message may be one for the old shape of the table only, and a misfit may have been mended: then, and only then,
// the table is looked at before anything is written. What was looked at after the verdict made the verdict true.
awaitable<bool> Writer::table_is_as_mapped(Batch& piece) {
    bool bad = false;
    for (std::size_t key = 0; key < piece.keys() && !bad; ++key) bad = piece.first(key).bad != nullptr;
    if (!bad && !plan_.misfit()) co_return true;
    const auto found = co_await plan_.look();
    if (found == TablePlan::Found::Same) co_return true;
    pending_.push_back(std::move(piece));
    co_await after_look(found);
    co_return false;
}

// The piece that it was about is the last of the pending ones.
awaitable<void> Writer::after_look(TablePlan::Found found) {
    if (found == TablePlan::Found::Same || found == TablePlan::Found::Changed) co_return;
    Error error = plan_.error();
    ++failures_;
    if (found == TablePlan::Found::Misfit) {
        co_await pause_for(std::move(error), fits_again());
        co_return;
    }
    auto delay = state_.jittered(kRetryBackoff, failures_);
    state_.events.transaction_failed(error, pending_.back().keys(), std::chrono::duration<double>(delay).count());
    co_await state_.back_off(delay);
}

// A table that was altered and altered back since the last look would make its refusal look true: then the message is
// tried once more, right after a look. True: the piece went back to the pending ones.
awaitable<bool> Writer::refused_by_another_shape(Batch& piece) {
    const Held* held = &piece.first(0);
    const bool sure = state_.clock.now() - plan_.confirmed_at() < kFreshLook || doubted_ == held;
    if (sure || !state_.options.make_map) co_return false;
    doubted_ = held;
    const auto found = co_await plan_.look();
    pending_.push_back(std::move(piece));
    co_await after_look(found);
    co_return true;
}

// The verdicts of decode, map and mask are the table's only once it has been looked at.
void Writer::judge_as_received(const Batch& piece) {
    std::vector<const BadMessage*> verdicts;
    for (auto* held : piece.all()) {
        if (!std::exchange(held->seen, true) && !held->judged) verdicts.push_back(held->bad.get());
    }
    state_.judge(JudgedAt::Receive, verdicts);
}

std::string Writer::fits_again() const {
    return "mend the table or the configuration; both are read again by themselves, or at once by " +
           state_.pipeline_command("resume");
}

// Says the pause and waits for a while.
awaitable<void> Writer::pause_for(Error error, std::string how_to_end) {
    state_.pause(state_.write_pause, error, how_to_end);
    if (state_.options.on_write_pause) state_.options.on_write_pause();
    // No time will mend it, so a worker that stops gives the messages back at once.
    if (state_.stopping) state_.begin_to_give_up();
    co_await state_.back_off(state_.jittered(kPauseBackoff, failures_));
    if (state_.stopping) state_.begin_to_give_up();
}

void Writer::refuse(const Batch& batch, const WriteFailure& failure) {
    Held& held = batch.first(0);
    const auto& place = !failure.column.empty() ? failure.column : failure.constraint;
    held.bad =
        std::make_unique<BadMessage>(std::string(reason_for_sqlstate(failure.error.code)), place, failure.error.code);
    held.row.reset();
    judge(batch, 1, nullptr);
}

std::string Writer::how_to_end(const Error& error) const {
    auto again = "; it then ends by itself, or at once by " + state_.pipeline_command("resume");
    if (error.code == "no_schema" || error.code == kLedgerRange) return state_.command("migrate") + again;
    return state_.command("check") + " says what to mend" + again;
}

awaitable<void> Writer::after_failure(Batch batch, WriteFailure failure) {
    const Error& error = failure.error;
    auto keys = batch.keys();
    bool is_letter = keys == 1 && batch.first(0).bad != nullptr;
    if (error.kind == ErrorKind::BadRow && !is_letter) {
        if (keys == 1) {
            const bool again = co_await refused_by_another_shape(batch);
            if (again) co_return;
            refuse(batch, failure);
            pending_.push_back(std::move(batch));
            co_return;
        }
        state_.events.batch_bisected(error.code, keys);
        if (failure.suspect && *failure.suspect < keys) judge(batch, *failure.suspect, nullptr);
        if (failure.suspect && *failure.suspect < keys && state_.options.fifo) {
            pending_.push_back(batch.part(*failure.suspect + 1, keys));
            pending_.push_back(batch.part(*failure.suspect, *failure.suspect + 1));
            pending_.push_back(batch.part(0, *failure.suspect));
        } else if (failure.suspect && *failure.suspect < keys) {
            pending_.push_back(batch.without(*failure.suspect));
            pending_.push_back(batch.part(*failure.suspect, *failure.suspect + 1));
        } else {
            pending_.push_back(batch.part(keys / 2, keys));
            pending_.push_back(batch.part(0, keys / 2));
        }
        co_return;
    }
    bool locked = error.code == kLockTimeout;
    ++failures_;
    // One message out of the ledger's range must not hold up its neighbours: they are written, it pauses the pipeline.
    bool split = (failure.halve || locked || error.code == kLedgerRange) && keys > 1;
    if (split) {
        pending_.push_back(batch.part(keys / 2, keys));
        pending_.push_back(batch.part(0, keys / 2));
        if (!locked && error.code != kLedgerRange) co_await state_.back_off(state_.jittered(kRetryBackoff, failures_));
        co_return;
    }
    if (failure.ids_held) {
        // A stalled peer holds this id and will write it, or die and let the queue hand it out again.
        let_go(batch, "held_by_peer");
        co_return;
    }
    // A dead letter that the server refuses is our own table's fault, whatever its class.
    bool somebody = error.kind == ErrorKind::Configuration || error.kind == ErrorKind::Credentials || is_letter;
    bool waits_for_somebody = somebody && error.kind != ErrorKind::Retry && error.kind != ErrorKind::InDoubt;
    if (state_.hold && (waits_for_somebody || failures_ >= kTriesWhileHeld)) {
        co_await release(batch);
        co_return;
    }
    if (waits_for_somebody) {
        const auto found = co_await plan_.look();
        pending_.push_back(std::move(batch));
        if (found == TablePlan::Found::Changed) co_return;
        const bool misfit = found == TablePlan::Found::Misfit;
        Error cause = misfit ? plan_.error() : error;
        co_await pause_for(std::move(cause), misfit ? fits_again() : how_to_end(error));
        co_return;
    }
    auto delay = state_.jittered(kRetryBackoff, failures_);
    state_.events.transaction_failed(error, keys, std::chrono::duration<double>(delay).count());
    // Behind a lock on the table, or on a row: the other pieces are tried before it, where their order is free.
    const bool last = locked && !state_.options.fifo;
    pending_.insert(last ? pending_.begin() : pending_.end(), std::move(batch));
    co_await state_.back_off(delay);
}

}  // namespace sqs2pg::pipeline
