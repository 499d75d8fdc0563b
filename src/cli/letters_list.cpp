// `sqs2pg dead-letters list` and `show`: what there is and why, without a value of a message, and one message opened
// when somebody says why; see dead_letters.h.
#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/dead_letters.h"
#include "cli/letter_text.h"
#include "pipeline/message_seal.h"
#include "privacy/seal.h"

namespace sqs2pg::cli {

namespace {

constexpr const char* kList = "list";
constexpr const char* kShow = "show";

struct Listing {
    std::vector<schema::LetterLine> letters;
    std::vector<schema::LetterCount> counts;

    std::uint64_t total() const {
        std::uint64_t sum = 0;
        for (const auto& one : counts) sum += static_cast<std::uint64_t>(std::max<std::int64_t>(0, one.letters));
        return sum;
    }
};

// Everything is borrowed until it returns.
awaitable<Status> look(const LetterDatabase& database, const LetterArguments& arguments, Listing& listing) {
    auto connection = co_await open_letters(database.connect, schema::Role::Analyst);
    if (!connection) co_return fail(std::move(connection.error()));
    auto selection = co_await selection_of(**connection, arguments, false);
    if (!selection) co_return fail(std::move(selection.error()));
    auto counts = co_await schema::count_letters(**connection, **selection);
    if (!counts) co_return fail(std::move(counts.error()));
    std::ranges::move(*counts, std::back_inserter(listing.counts));
    if (arguments.counts) co_return Status{};
    auto letters = co_await schema::list_letters(**connection, **selection, arguments.limit);
    if (!letters) co_return fail(std::move(letters.error()));
    std::ranges::move(*letters, std::back_inserter(listing.letters));
    co_return Status{};
}

awaitable<int> list(const config::Settings& settings, const LetterArguments& arguments) {
    auto databases = letter_databases(settings, arguments);
    if (!databases) co_return tell_letters(kList, databases.error());
    Listing listing;
    for (const auto& database : *databases) {
        auto looked = co_await look(database, arguments, listing);
        if (!looked) co_return tell_letters(kList, looked.error());
    }
    bool json = arguments.format == "json";
    if (arguments.counts) {
        std::ranges::sort(listing.counts, [](const auto& a, const auto& b) {
            return std::tie(b.letters, a.pipeline, a.reason) < std::tie(a.letters, b.pipeline, b.reason);
        });
        fmt::print("{}", json ? counts_json(listing.counts) : counts_table(listing.counts, screen_of(STDOUT_FILENO)));
        co_return kDone;
    }
    std::ranges::sort(listing.letters, std::greater{},
                      [](const auto& one) { return std::tie(one.created_at, one.id); });
    if (listing.letters.size() > arguments.limit) listing.letters.resize(arguments.limit);
    fmt::print("{}", json ? letters_json(listing.letters, listing.total())
                          : letters_table(listing.letters, listing.total(), screen_of(STDOUT_FILENO)));
    co_return kDone;
}

// The keys of the letter's pipeline; of any pipeline when the configuration does not have it any more.
Result<privacy::Keyring> keyring_for(const LetterDatabase& database, const std::string& pipeline) {
    const auto* chosen = database.pipelines.front();
    for (const auto* one : database.pipelines) {
        if (one->name == pipeline) chosen = one;
    }
    std::vector<std::string> warnings;
    auto keyring = open_keyring(chosen->keys, warnings);
    for (const auto& warning : warnings) fmt::print(stderr, "sqs2pg dead-letters show: warning: {}\n", warning);
    return keyring;
}

// Prints the letter with its message. The audit row is committed before the sealed bytes are read.
awaitable<int> reveal(pg::Connection& connection, const LetterDatabase& database, const schema::LetterLine& letter,
                      const LetterArguments& arguments) {
    auto keyring = keyring_for(database, letter.pipeline);
    if (!keyring) co_return tell_letters(kShow, keyring.error());
    const privacy::Sealer sealer(*keyring);
    if (!sealer.has_key(letter.key_id)) {
        co_return tell_letters(
            kShow, {ErrorKind::Configuration, Stage::Serve, "sealed",
                    fmt::format("the message is sealed with key {}, which is not in the key file", letter.key_id)});
    }
    schema::LetterSelection selection;
    selection.ids = {letter.id};
    auto note = audit_note(arguments, selection);
    auto sealed = co_await schema::reveal_letter(connection, letter.id, std::move(note));
    if (!sealed) co_return tell_letters(kShow, sealed.error());
    auto opened = sealer.open(sealed->key_id, sealed->pipeline, sealed->id, sealed->sealed);
    if (!opened) co_return tell_letters(kShow, opened.error());
    auto message = pipeline::from_sealable_text(*opened);
    if (!message) co_return tell_letters(kShow, message.error());
    if (arguments.format == "json") {
        fmt::print("{}\n", letter_json(letter, &*opened));
    } else {
        fmt::print("{}\n{}", letter_block(letter, screen_of(STDOUT_FILENO)),
                   message_block(*message, isatty(STDOUT_FILENO) != 0));
    }
    co_return kDone;
}

// Whether the letter is in this database; the exit code when it is.
awaitable<std::optional<int>> show_in(const LetterDatabase& database, const LetterArguments& arguments) {
    auto role = arguments.reveal ? schema::Role::Replayer : schema::Role::Analyst;
    auto connection = co_await open_letters(database.connect, role);
    if (!connection) co_return tell_letters(kShow, connection.error());
    auto selection = co_await selection_of(**connection, arguments, false);
    if (!selection) co_return tell_letters(kShow, selection.error());
    if (!*selection) co_return std::nullopt;
    auto letters = co_await schema::list_letters(**connection, **selection, 1);
    if (!letters) co_return tell_letters(kShow, letters.error());
    if (letters->empty()) co_return std::nullopt;
    const auto& letter = letters->front();
    if (arguments.reveal) co_return co_await reveal(**connection, database, letter, arguments);
    fmt::print("{}", arguments.format == "json" ? letter_json(letter, nullptr) + "\n"
                                                : letter_block(letter, screen_of(STDOUT_FILENO)));
    co_return kDone;
}

awaitable<int> show(const config::Settings& settings, const LetterArguments& arguments) {
    auto databases = letter_databases(settings, arguments);
    if (!databases) co_return tell_letters(kShow, databases.error());
    for (const auto& database : *databases) {
        auto shown = co_await show_in(database, arguments);
        if (shown) co_return *shown;
    }
    co_return tell_letters(kShow,
                           {ErrorKind::Configuration, Stage::Serve, "no_letter",
                            fmt::format("there is no dead letter {}: it was replayed or dropped, has expired, or "
                                        "never was (`sqs2pg dead-letters list`)",
                                        printable(arguments.ids.front()))});
}

}  // namespace

int list_dead_letters(const LetterArguments& arguments) {
    if (auto times = check_times(arguments); !times) return tell_letters(kList, times.error());
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    return run_letters(kList, [&] { return list(*settings, arguments); });
}

int show_dead_letter(const LetterArguments& arguments) {
    if (arguments.reveal && arguments.because.empty()) {
        return tell_letters(kShow, {ErrorKind::Configuration, Stage::Configure, "usage",
                                    "--reveal-body needs --because \"…\": why the message is looked into; the audit "
                                    "keeps it"});
    }
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    return run_letters(kShow, [&] { return show(*settings, arguments); });
}

}  // namespace sqs2pg::cli
