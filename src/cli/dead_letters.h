// What the subcommands of `sqs2pg dead-letters` share: their arguments, the databases that the configuration names, and
// the selection that the arguments make of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "pg/connection.h"
#include "schema/dead_letters.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

struct LetterArguments {
    std::string configuration;
    std::string url;  // instead of the configuration's: another role
    std::vector<std::string> ids;
    std::string pipeline, reason, since, until;
    bool all = false;
    std::string because, ticket;  // for the audit
    std::string format = "text";
    std::size_t limit = 50;
    bool counts = false, dry_run = false, yes = false, reveal = false;

    bool selects_some() const {
        return !ids.empty() || !pipeline.empty() || !reason.empty() || !since.empty() || !until.empty();
    }
};

// Each runs its command and returns the exit code.
int list_dead_letters(const LetterArguments& arguments);
int show_dead_letter(const LetterArguments& arguments);
int replay_dead_letters(const LetterArguments& arguments);
int drop_dead_letters(const LetterArguments& arguments);

// One database of the configuration and the pipelines that write to it.
struct LetterDatabase {
    pg::ConnectOptions connect;
    std::vector<const config::PipelineSettings*> pipelines;
};

// The databases of the pipelines that --pipeline leaves, with --url where it is given. Configuration error: --url for
// several databases. A pipeline that the configuration does not have leaves every database: its letters may be left
// from an earlier configuration. Borrows from the settings.
Result<std::vector<LetterDatabase>> letter_databases(const config::Settings& settings,
                                                     const LetterArguments& arguments);

// Connects and looks whether the role may do what `role` does.
awaitable<Result<std::unique_ptr<pg::Connection>>> open_letters(pg::ConnectOptions connect, schema::Role role);

// The arguments as a selection, ids looked up and times counted from the database's clock. nullopt: this database has
// none of the ids. Without --until, what becomes a dead letter from now on is not selected (`bounded`).
awaitable<Result<std::optional<schema::LetterSelection>>> selection_of(pg::Connection& connection,
                                                                       const LetterArguments& arguments, bool bounded);

// Configuration error when --since or --until is no time.
Status check_times(const LetterArguments& arguments);

schema::AuditNote audit_note(const LetterArguments& arguments, const schema::LetterSelection& selection);

// "sqs2pg dead-letters WHAT: sentence" on stderr; the exit code.
int tell_letters(const char* what, const Error& error);

// Runs one coroutine on an event loop of its own, to its end; an exception nobody expected is an error told.
int run_letters(const char* what, std::function<boost::asio::awaitable<int>()> work);

}  // namespace sqs2pg::cli
