// The loop of a replay, see replay.h.
#include "pipeline/replay.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/retry.h"
#include "pipeline/envelope.h"
#include "pipeline/message_seal.h"
#include "pipeline/write.h"

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr Backoff kRetryBackoff{250ms, 10s};
constexpr std::string_view kLockTimeout = "55P03";

bool transient(ErrorKind kind) {
    return kind == ErrorKind::Retry || kind == ErrorKind::Throttled || kind == ErrorKind::InDoubt;
}

std::string_view bytes_of(const LedgerKey& id) {
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::uint64_t sum(const std::map<std::string, std::uint64_t>& counts) {
    std::uint64_t total = 0;
    for (const auto& [name, count] : counts) total += count;
    return total;
}

}  // namespace

std::uint64_t ReplayCounts::stayed() const { return sum(again) + sum(without_key) + unreadable + held; }

std::uint64_t ReplayCounts::seen() const { return written + ignored + gone + stayed(); }

// nullopt: counted, and left alone.
std::optional<Received> Replay::open(const StoredLetter& letter) {
    if (!sealer_.has_key(letter.key_id)) {
        ++counts_.without_key[letter.key_id];
        return std::nullopt;
    }
    auto opened = sealer_.open(letter.key_id, options_.pipeline, bytes_of(letter.id), letter.sealed);
    auto message = opened ? from_sealable_text(*opened) : tl::unexpected(opened.error());
    if (!message) {
        ++counts_.unreadable;
        if (!counts_.unreadable_id) counts_.unreadable_id = to_uuid_text(letter.id);
        return std::nullopt;
    }
    message->first_received_ms = letter.first_received_ms;
    message->received_ms = letter.last_received_ms;
    message->receive_count = letter.receive_count;
    return std::move(*message);
}

// Fetches what the message points at, if it does. What nobody and no time mends is set as the item's reason. All of the
// arguments are transform's, which waits.
awaitable<Status> Replay::fetch_into(Item& item, Received& message, std::string& body) {
    auto object = options_.objects != nullptr ? map_.object_of(message) : std::nullopt;
    if (!object || !*object) co_return Status{};  // why a pointer is a bad one, the map says again
    item.object = std::move(**object);
    for (;;) {
        auto fetched = co_await options_.objects->fetch(*item.object, options_.max_object_bytes);
        if (fetched) {
            failures_ = 0;
            body = std::move(*fetched);
            co_return Status{};
        }
        auto error = std::move(fetched.error());
        if (error.kind == ErrorKind::BadMessage) {
            item.again = bad_envelope("s3-pointer: " + error.detail);
            co_return Status{};
        }
        if (!transient(error.kind)) co_return fail(std::move(error));
        const bool again = co_await wait_after_failure();
        if (!again) co_return fail(std::move(error));
    }
}

awaitable<Result<std::optional<Replay::Item>>> Replay::transform(const StoredLetter& letter) {
    auto message = open(letter);
    if (!message) co_return std::optional<Item>{};
    Item item{letter.id, std::string(message->sequence_number), std::nullopt, std::nullopt, std::nullopt, false};
    std::string body;
    auto fetched = co_await fetch_into(item, *message, body);
    if (!fetched) co_return fail(std::move(fetched.error()));
    if (item.again) co_return item;
    auto mapped = map_.transform(*message, item.object ? &body : nullptr);
    if (mapped) {
        item.row = std::move(*mapped);
    } else {
        item.again = std::move(mapped.error());
    }
    co_return item;
}

awaitable<bool> Replay::wait_after_failure() {
    if (++failures_ >= options_.max_attempts || stopping()) co_return false;
    co_await clock_.sleep_for(kRetryBackoff.delay(failures_, random_));
    co_return true;
}

awaitable<Status> Replay::next_page(LedgerKey after, std::vector<StoredLetter>& page) {
    for (;;) {
        auto read = co_await letters_.next(after, options_.max_letters, options_.max_bytes);
        if (read) {
            failures_ = 0;
            page = std::move(*read);
            co_return Status{};
        }
        auto error = std::move(read.error());
        if (!transient(error.kind)) co_return fail(std::move(error));
        const bool again = co_await wait_after_failure();
        if (!again) co_return fail(std::move(error));
    }
}

void Replay::count(Piece& piece, std::span<const Fate> fates) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
        auto& item = *piece[i];
        item.written = fates[i] == Fate::Written && item.row && !options_.dry_run;
        if (fates[i] == Fate::Duplicate) {
            ++counts_.gone;
        } else if (item.again) {
            ++counts_.again[item.again->reason];
        } else if (item.row) {
            ++counts_.written;
            counts_.rows += item.row->rows();
        } else {
            ++counts_.ignored;
        }
    }
    if (options_.progress) options_.progress(counts_);
}

void Replay::refuse(Item& item, const WriteFailure& failure) {
    const auto& place = !failure.column.empty() ? failure.column : failure.constraint;
    item.again = BadMessage{std::string(reason_for_sqlstate(failure.error.code)), place, failure.error.code};
    item.row.reset();
}

awaitable<Status> Replay::write_all(std::vector<Item>& items) {
    Piece all;
    for (auto& item : items) all.push_back(&item);
    // FIFO: messages of one millisecond follow their sequence numbers, which are decimal numbers of any length.
    std::ranges::sort(all, {}, [](const Item* item) {
        return std::tuple(bytes_of(item->id).substr(0, 6), item->sequence_number.size(),
                          std::string_view(item->sequence_number), bytes_of(item->id));
    });
    pending_.clear();
    if (!all.empty()) pending_.push_back(std::move(all));
    while (!pending_.empty()) {
        auto piece = std::move(pending_.back());
        pending_.pop_back();
        if (options_.dry_run) {
            count(piece, std::vector<Fate>(piece.size(), Fate::Written));
            continue;
        }
        std::vector<ReplayEntry> entries;
        for (const auto* item : piece) {
            entries.push_back({item->id, item->row ? &*item->row : nullptr, item->again ? &*item->again : nullptr});
        }
        auto report = co_await letters_.replay(entries);
        if (report && report->fates.size() == piece.size()) {
            failures_ = 0;
            count(piece, report->fates);
            continue;
        }
        auto failure = report
                           ? WriteFailure{{ErrorKind::Configuration, Stage::Write, "bad_report", {}}, {}, {}, {}, false}
                           : std::move(report.error());
        auto handled = co_await after_failure(std::move(piece), std::move(failure));
        if (!handled) co_return handled;
    }
    co_return Status{};
}

awaitable<Status> Replay::after_failure(Piece piece, WriteFailure failure) {
    auto& error = failure.error;
    auto push = [&](auto from, auto to) { pending_.emplace_back(from, to); };
    auto middle = piece.begin() + static_cast<std::ptrdiff_t>(piece.size() / 2);
    if (error.kind == ErrorKind::BadRow) {
        if (piece.size() == 1) {
            if (!piece[0]->row) co_return fail(std::move(error));
            refuse(*piece[0], failure);
            pending_.push_back(std::move(piece));
        } else if (failure.suspect && *failure.suspect < piece.size()) {
            auto suspect = piece.begin() + static_cast<std::ptrdiff_t>(*failure.suspect);
            auto* alone = *suspect;
            piece.erase(suspect);
            pending_.push_back(std::move(piece));
            pending_.push_back({alone});
        } else {
            push(middle, piece.end());
            push(piece.begin(), middle);
        }
        co_return Status{};
    }
    bool locked = error.code == kLockTimeout;
    if ((failure.halve || locked) && piece.size() > 1) {
        push(middle, piece.end());
        push(piece.begin(), middle);
        co_return Status{};
    }
    if (locked) {
        ++counts_.held;
        co_return Status{};
    }
    if (!transient(error.kind)) co_return fail(std::move(error));
    const bool again = co_await wait_after_failure();
    if (!again) co_return fail(std::move(error));
    pending_.push_back(std::move(piece));
    co_return Status{};
}

// Of what a COMMIT has made rows of. `items` is replay_page's, which waits.
awaitable<void> Replay::delete_objects(const std::vector<Item>& items) {
    if (!options_.delete_objects) co_return;
    for (const auto& item : items) {
        if (!item.written || !item.object) continue;
        auto removed = co_await options_.objects->remove(*item.object);
        if (!removed) ++counts_.objects_left;
    }
}

awaitable<Status> Replay::replay_page(std::vector<StoredLetter>& page) {
    std::vector<Item> items;
    std::size_t row_bytes = 0;
    for (auto& letter : page) {
        auto made = co_await transform(letter);
        if (!made) co_return fail(std::move(made.error()));
        auto item = std::move(*made);
        std::string().swap(letter.sealed);
        if (item && item->row) row_bytes += item->row->copy_text().size();
        if (item) items.push_back(std::move(*item));
        if (row_bytes < options_.max_row_bytes && &letter != &page.back()) continue;
        auto written = co_await write_all(items);
        co_await delete_objects(items);
        if (!written || stopping()) co_return written;
        items.clear();
        row_bytes = 0;
    }
    if (options_.progress) options_.progress(counts_);
    co_return Status{};
}

awaitable<ReplayOutcome> Replay::run() {
    ReplayOutcome outcome;
    LedgerKey after;
    std::vector<StoredLetter> page;
    for (;;) {
        outcome.stopped = stopping();
        if (outcome.stopped) break;
        auto read = co_await next_page(after, page);
        if (!read) outcome.error = std::move(read.error());
        if (outcome.error || page.empty()) break;
        after = page.back().id;
        auto replayed = co_await replay_page(page);
        if (!replayed) outcome.error = std::move(replayed.error());
        if (outcome.error) break;
    }
    outcome.counts = counts_;
    co_return outcome;
}

}  // namespace sqs2pg::pipeline
