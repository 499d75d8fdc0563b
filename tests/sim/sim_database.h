// The database as a simulation: a ledger, rows, dead letters, one transaction at a time a worker, and everything that
// can come between a worker and the answer to its COMMIT.
#pragma once

#include <map>
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
    DatabaseFaults faults;
    std::vector<std::string> violations;
    std::uint64_t transactions = 0, maintained = 0;
    std::size_t largest_transaction = 0;
    std::chrono::milliseconds slowness{5};

    // What the server refuses: a row whose text holds this word.
    static constexpr std::string_view kPoison = "poison";

    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write(
        std::span<const pipeline::WriteEntry> entries) override {
        ++transactions;
        largest_transaction = std::max(largest_transaction, entries.size());
        check_order(entries);
        co_await clock_.sleep_for(slowness + std::chrono::milliseconds(random_() % 10));
        if (faults.configuration) co_return refusal(ErrorKind::Configuration, "42P01");
        if (chance(faults.retry)) co_return refusal(ErrorKind::Retry, "57P01");
        if (chance(faults.in_doubt_lost)) co_return refusal(ErrorKind::InDoubt, "connection_lost");
        if (chance(faults.locked)) co_return refusal(ErrorKind::Retry, "55P03");
        if (chance(faults.halve)) {
            auto failure = refusal(ErrorKind::Retry, "53200");
            failure.value().halve = true;
            co_return failure;
        }
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

    awaitable<Status> maintain() override {
        ++maintained;
        co_await clock_.sleep_for(std::chrono::milliseconds(1));
        co_return Status{};
    }

   private:
    bool chance(double p) { return p > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < p; }

    tl::unexpected<pipeline::WriteFailure> refusal(ErrorKind kind, std::string code) {
        pipeline::WriteFailure failure;
        failure.error = Error{kind, Stage::Write, std::move(code), "as simulated"};
        return tl::unexpected(std::move(failure));
    }

    void check_order(std::span<const pipeline::WriteEntry> entries) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (i > 0 && !(entries[i - 1].id < entries[i].id))
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
            if (entry.row != nullptr) rows.emplace(entry.id, entry.row->copy_text());
            if (entry.dead_letter != nullptr) dead_letters.emplace(entry.id, entry.dead_letter->why);
        }
        return report;
    }

    SimClock& clock_;
    std::mt19937_64& random_;
};

}  // namespace sqs2pg::sim
