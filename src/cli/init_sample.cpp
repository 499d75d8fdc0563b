// Messages for `init`: from a queue, which keeps them, or from a file. See init_proposal.h.
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/init_proposal.h"
#include "cli/message_source.h"
#include "cli/peek.h"

namespace sqs2pg::cli {

namespace {

using infer::Weight;

std::string messages_text(std::size_t count) { return fmt::format("{} message{}", count, count == 1 ? "" : "s"); }

// "lines 3, 5 and 9" or "the 3rd": the first few places.
std::string places_text(const infer::Sample::Count& count, bool file) {
    const auto more = count.number > count.places.size() ? " …" : "";
    return fmt::format("{}{} {}{}", file ? "line" : "message", count.places.size() == 1 ? "" : "s",
                       fmt::join(count.places, ", "), more);
}

Result<Gathered> read_file(const InitArguments& arguments) {
    auto lines = open_lines(arguments.from);
    if (!lines) return fail(lines.error());
    Gathered gathered;
    gathered.place =
        arguments.from == "-" ? "standard input" : std::filesystem::path(arguments.from).filename().string();
    bool full = false;
    while (auto line = (*lines)->next()) {
        if (gathered.sample.seen >= arguments.messages) {
            full = true;
            break;
        }
        pipeline::Received message;
        message.sent_ms = message.received_ms = 1'700'000'000'000;  // the line has no such time, and rules may want one
        message.receive_count = 1;
        message.body = std::move(line->body);
        if (!gathered.sample.add(std::move(message), line->line)) {
            full = true;
            break;
        }
    }
    if (!(*lines)->complete()) {
        return fail(ErrorKind::Retry, Stage::Start, "read",
                    fmt::format("reading {} failed before its end", gathered.place));
    }
    gathered.told = fmt::format("{} of {} {} looked at{}", messages_text(gathered.sample.seen), gathered.place,
                                gathered.sample.seen == 1 ? "was" : "were", full ? "; --messages N takes more" : "");
    return gathered;
}

Result<Gathered> read_queue(const InitArguments& arguments) {
    PeekRequest request;
    request.aws = arguments.aws;
    request.queue = arguments.queue;
    request.messages = arguments.messages;
    request.yes = arguments.yes;
    auto peeked = peek_now(std::move(request));
    if (!peeked) return fail(peeked.error());
    Gathered gathered;
    gathered.place = fmt::format("the queue \"{}\"", arguments.queue);
    gathered.told = peek_sentence(*peeked, arguments.queue);
    std::uint64_t number = 0;
    for (auto& message : peeked->messages) {
        if (!gathered.sample.add(std::move(message), ++number)) break;
    }
    return gathered;
}

}  // namespace

Result<Gathered> gather(const InitArguments& arguments) {
    return arguments.from.empty() ? read_queue(arguments) : read_file(arguments);
}

std::string nothing_to_infer(const Gathered& gathered) {
    const auto& sample = gathered.sample;
    if (!sample.messages().empty()) return {};
    if (sample.seen == 0) {
        return fmt::format("{}; send some (`sqs2pg send`), or give examples as JSON lines with --from FILE",
                           gathered.told);
    }
    if (sample.arrays.number > 0 && sample.arrays.number * 2 >= sample.seen - sample.duplicates) {
        return fmt::format(
            "{}: none of them is a JSON object, {} {} a JSON array; send a message for each of its "
            "elements, or an object that holds the array, which `each` makes rows of",
            gathered.told, sample.arrays.number, sample.arrays.number == 1 ? "is" : "are");
    }
    const auto guess = sample.most_likely();
    const bool scalars = sample.scalars.number > sample.not_json.number + sample.not_text.number;
    if (guess == infer::Guess::Unknown) {
        return fmt::format("{}: none of them is {}; sqs2pg takes one JSON object a message, in UTF-8", gathered.told,
                           scalars ? "a JSON object, but plain values" : "JSON");
    }
    return fmt::format("{}: none of them is a JSON object; most look like {}: {}", gathered.told,
                       infer::words_for(guess), infer::remedy_for(guess));
}

std::vector<infer::Note> notes_of(const Gathered& gathered) {
    const auto& sample = gathered.sample;
    const bool file = !gathered.place.starts_with("the queue");
    std::vector<infer::Note> notes;
    const auto add = [&](const infer::Sample::Count& count, const char* code, std::string_view what) {
        if (count.number == 0) return;
        notes.push_back({Weight::Warning, code, gathered.place,
                         fmt::format("{} {} ({})", messages_text(count.number), what, places_text(count, file))});
    };
    const auto guess = sample.most_likely();
    std::string hint;
    if (guess != infer::Guess::Unknown && sample.not_json.number > 0) {
        hint = fmt::format(", most likely {}: {}", infer::words_for(guess), infer::remedy_for(guess));
    }
    add(sample.not_json, "not_json",
        (sample.not_json.number == 1 ? "is not JSON and becomes a dead letter"
                                     : "are not JSON and become dead letters") +
            hint);
    add(sample.not_text, "invalid_text", "not in UTF-8: dead letters");
    add(sample.arrays, "not_object", "JSON arrays instead of objects: no path leads into them, dead letters");
    add(sample.scalars, "not_object", "plain JSON values instead of objects: dead letters");
    if (sample.duplicates > 0) {
        notes.push_back({Weight::Info, "duplicates", gathered.place,
                         fmt::format("{} came twice or more often, and {} counted once",
                                     messages_text(sample.duplicates), sample.duplicates == 1 ? "was" : "were")});
    }
    switch (sample.envelope()) {
        case infer::Envelope::None:
            break;
        case infer::Envelope::Sns:
            notes.push_back({Weight::Warning, "envelope", gathered.place,
                             "the messages stand in an envelope of SNS: turn on raw message delivery in the "
                             "subscription, or see `unwrap` in the configuration's reference"});
            break;
        case infer::Envelope::EventBridge:
            notes.push_back({Weight::Warning, "envelope", gathered.place,
                             "the messages are events of EventBridge: what you want is below `detail`; see `unwrap` in "
                             "the configuration's reference"});
            break;
        case infer::Envelope::S3Event:
            notes.push_back({Weight::Warning, "envelope", gathered.place,
                             "the messages are notifications of S3: their `Records` are what happened to objects, not "
                             "the objects' content"});
            break;
    }
    return notes;
}

}  // namespace sqs2pg::cli
