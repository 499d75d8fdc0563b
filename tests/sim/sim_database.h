// The database as a simulation: a ledger, rows, dead letters, one transaction at a time a worker, and everything that
// can come between a worker and the answer to its COMMIT.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "pipeline/ports.h"
#include "sim/sim_clock.h"

namespace sqs2pg::sim {

struct DatabaseFaults {
    double retry = 0;
    double in_doubt_committed = 0;
    double in_doubt_lost = 0;
    double halve = 0;
    double locked = 0;
    double no_suspect = 0;       // of BadRow answers
    bool configuration = false;  // every write fails until it is mended
    bool refuses_dead_letters = false;
};

class SimDatabase final : public pipeline::DatabasePort {
   public:
    SimDatabase(SimClock& clock, std::mt19937_64& random) : clock_(clock), random_(random) {}

    std::set<pipeline::LedgerKey> ledger;
    std::multimap<pipeline::LedgerKey, std::string> rows;
    std::multimap<pipeline::LedgerKey, pipeline::BadMessage> dead_letters;
    std::vector<pipeline::LedgerKey> commits;  // in the order of the rows and dead letters
    bool fifo = false;                         // entries need not be sorted by id
    DatabaseFaults faults;
    std::vector<std::string> violations;
    std::uint64_t transactions = 0, maintained = 0;
    std::size_t largest_transaction = 0;
    std::chrono::milliseconds slowness{5};
    pg::TableShape table;     // as it is now
    pipeline::Target target;  // as the worker last told it; without columns: not told, so not looked at
    std::uint64_t looks = 0;  // at the table

    // What the server refuses: a row whose text holds this word.
    static constexpr std::string_view kPoison = "poison";

    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write(
        std::span<const pipeline::WriteEntry> entries) override {
        auto nothing = []() -> awaitable<void> { co_return; };
        auto written = co_await write_in_steps(entries, nothing);
        co_return written;
    }

    // `between` runs between the ledger's statement, whose ids stay locked, and the rest.
    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write_in_steps(
        std::span<const pipeline::WriteEntry> entries, std::function<awaitable<void>()> between) {
        ++transactions;
        largest_transaction = std::max(largest_transaction, entries.size());
        check_order(entries);
        Locks locks(*this);
        bool locked = co_await locks.take(entries);
        if (!locked) {
            auto failure = refusal(ErrorKind::Retry, "55P03");
            failure.value().ids_held = true;
            co_return failure;
        }
        co_await clock_.sleep_for(slowness + std::chrono::milliseconds(random_() % 10));
        co_await between();
        if (faults.configuration) co_return refusal(ErrorKind::Configuration, "42P01");
        if (chance(faults.retry)) co_return refusal(ErrorKind::Retry, "57P01");
        if (chance(faults.in_doubt_lost)) co_return refusal(ErrorKind::InDoubt, "connection_lost");
        if (chance(faults.locked)) co_return refusal(ErrorKind::Retry, "55P03");
        if (chance(faults.halve)) {
            auto failure = refusal(ErrorKind::Retry, "53200");
            failure.value().halve = true;
            co_return failure;
        }
        if (auto misfit = table_refuses(entries)) co_return tl::unexpected(std::move(*misfit));
        for (std::size_t i = 0; i < entries.size(); ++i) {
            bool refused = entries[i].row != nullptr && !ledger.contains(entries[i].id) &&
                           entries[i].row->copy_text().find(kPoison) != std::string_view::npos;
            if (refused) {
                auto failure = refusal(ErrorKind::BadRow, "23514");
                failure.value().column = "user_id";
                if (!chance(faults.no_suspect)) failure.value().suspect = i;
                co_return failure;
            }
            if (entries[i].dead_letter != nullptr && faults.refuses_dead_letters)
                co_return refusal(ErrorKind::BadRow, "23514");
        }
        auto report = commit(entries);
        if (chance(faults.in_doubt_committed)) co_return refusal(ErrorKind::InDoubt, "connection_lost");
        co_return report;
    }

    awaitable<Result<std::vector<pg::TableShape>>> tables() override {
        ++looks;
        co_await clock_.sleep_for(std::chrono::milliseconds(1));
        if (chance(faults.retry)) co_return fail(ErrorKind::Retry, Stage::Start, "57P01");
        co_return std::vector{table};
    }

    void write_to(std::vector<pipeline::Target> targets) override { target = std::move(targets.front()); }

    awaitable<Status> maintain() override {
        ++maintained;
        co_await clock_.sleep_for(std::chrono::milliseconds(1));
        co_return Status{};
    }

   private:
    // The ids of a running transaction that were not in the ledger yet; let go at its end, however it ends.
    class Locks {
       public:
        explicit Locks(SimDatabase& database) : database_(database) {}
        ~Locks() {
            for (const auto& id : taken_) database_.locked_.erase(id);
        }
        Locks(const Locks&) = delete;
        Locks& operator=(const Locks&) = delete;

        // False: somebody else held one of them for longer than the lock_timeout.
        awaitable<bool> take(std::span<const pipeline::WriteEntry> entries) {
            std::set<pipeline::LedgerKey> ids;
            for (const auto& entry : entries) ids.insert(entry.id);
            for (const auto& id : ids) {
                auto deadline = database_.clock_.now() + std::chrono::seconds(5);
                while (database_.locked_.contains(id)) {
                    if (database_.clock_.now() >= deadline) co_return false;
                    co_await database_.clock_.sleep_for(std::chrono::milliseconds(50));
                }
                if (!database_.ledger.contains(id)) taken_.push_back(*database_.locked_.insert(id).first);
            }
            co_return true;
        }

       private:
        SimDatabase& database_;
        std::vector<pipeline::LedgerKey> taken_;
    };

    bool chance(double p) { return p > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < p; }

    tl::unexpected<pipeline::WriteFailure> refusal(ErrorKind kind, std::string code) {
        pipeline::WriteFailure failure;
        failure.error = Error{kind, Stage::Write, std::move(code), "as simulated"};
        return tl::unexpected(std::move(failure));
    }

    // As the server: an absent column, a NOT NULL one that gets nothing, a text that is too long for the first one.
    std::optional<pipeline::WriteFailure> table_refuses(std::span<const pipeline::WriteEntry> entries) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].row == nullptr || ledger.contains(entries[i].id)) continue;
            for (const auto& name : target.columns) {
                if (table.find(name) == nullptr) return refusal(ErrorKind::Configuration, "42703").value();
            }
            for (const auto& column : table.columns) {
                const bool told = std::ranges::find(target.columns, column.name) != target.columns.end();
                if (column.not_null && !column.has_default && !told) return bad_row("23502", column.name, i);
            }
            const auto first = entries[i].row->copy_text().substr(0, entries[i].row->copy_text().find('\t'));
            const auto most = table.columns.front().max_length;
            if (most > 0 && first.size() > static_cast<std::size_t>(most)) {
                return bad_row("22001", table.columns.front().name, i);
            }
        }
        return std::nullopt;
    }

    pipeline::WriteFailure bad_row(std::string code, std::string column, std::size_t entry) {
        auto failure = refusal(ErrorKind::BadRow, std::move(code)).value();
        failure.column = std::move(column);
        if (!chance(faults.no_suspect)) failure.suspect = entry;
        return failure;
    }

    void check_order(std::span<const pipeline::WriteEntry> entries) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (!fifo && i > 0 && !(entries[i - 1].id < entries[i].id))
                violations.push_back("entries not sorted or not distinct");
            if ((entries[i].row == nullptr) == (entries[i].dead_letter == nullptr)) {
                violations.push_back("an entry must be either a row or a dead letter");
            }
        }
    }

    pipeline::WriteReport commit(std::span<const pipeline::WriteEntry> entries) {
        pipeline::WriteReport report;
        for (const auto& entry : entries) {
            if (!ledger.insert(entry.id).second) {
                report.fates.push_back(pipeline::Fate::Duplicate);
                continue;
            }
            report.fates.push_back(pipeline::Fate::Written);
            commits.push_back(entry.id);
            if (entry.row != nullptr) rows.emplace(entry.id, entry.row->copy_text());
            if (entry.dead_letter != nullptr) dead_letters.emplace(entry.id, entry.dead_letter->why);
        }
        return report;
    }

    SimClock& clock_;
    std::mt19937_64& random_;
    std::set<pipeline::LedgerKey> locked_;
};

}  // namespace sqs2pg::sim
