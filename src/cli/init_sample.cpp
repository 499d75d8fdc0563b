// Messages for `init`: from a queue, which keeps them, or from a file. See init_proposal.h.
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/init_proposal.h"
#include "cli/message_source.h"
#include "cli/peek.h"
#include "pipeline/envelope.h"

namespace sqs2pg::cli {

namespace {

using infer::Weight;

constexpr std::int64_t kSomeTime = 1'700'000'000'000;  // a line of a file has none, and a rule may want one

std::string messages_text(std::size_t count) { return fmt::format("{} message{}", count, count == 1 ? "" : "s"); }

// "lines 3, 5 and 9" or "the 3rd": the first few places.
std::string places_text(const infer::Sample::Count& count, bool file) {
    const auto more = count.number > count.places.size() ? " …" : "";
    return fmt::format("{}{} {}{}", file ? "line" : "message", count.places.size() == 1 ? "" : "s",
                       fmt::join(count.places, ", "), more);
}

struct Raw {
    pipeline::Received message;
    std::uint64_t place = 0;
};

// Messages that are not wrapped so stay as they are.
infer::Sample opened(const std::vector<Raw>& raw, const std::vector<pipeline::Unwrap>& steps) {
    pipeline::PipelineOptions options;
    options.unwrap = steps;
    pipeline::Envelope envelope(options, {});
    infer::Sample sample;
    for (const auto& [message, place] : raw) {
        auto copy = message;
        if (!steps.empty()) {
            const auto inside = envelope.open(copy, nullptr);
            if (inside) copy.body = inside->body.text;
        }
        if (!sample.add(std::move(copy), place)) break;
    }
    return sample;
}

// Takes off envelope after envelope, as long as that brings JSON objects to light.
void fill(const std::vector<Raw>& raw, Gathered& gathered) {
    constexpr int kMostWrappings = 3;
    gathered.sample = opened(raw, {});
    for (int round = 0; round < kMostWrappings; ++round) {
        const auto more = gathered.sample.unwrapping();
        if (more.empty()) return;
        auto steps = gathered.unwrap;
        steps.insert(steps.end(), more.begin(), more.end());
        auto inside = opened(raw, steps);
        const bool better =
            inside.messages().size() * 2 > inside.seen - inside.duplicates || !inside.unwrapping().empty();
        if (!better) return;
        gathered.sample = std::move(inside);
        gathered.unwrap = std::move(steps);
    }
}

Result<Gathered> read_file(const InitArguments& arguments) {
    auto lines = open_lines(arguments.from);
    if (!lines) return fail(lines.error());
    Gathered gathered;
    gathered.place =
        arguments.from == "-" ? "standard input" : std::filesystem::path(arguments.from).filename().string();
    std::vector<Raw> raw;
    std::size_t bytes = 0;
    bool full = false;
    while (auto line = (*lines)->next()) {
        full = raw.size() >= arguments.messages || bytes >= infer::kMostSampleBytes;
        if (full) break;
        pipeline::Received message;
        message.sent_ms = message.received_ms = kSomeTime;
        message.receive_count = 1;
        message.body = std::move(line->body);
        bytes += message.bytes();
        raw.push_back({std::move(message), line->line});
    }
    if (!(*lines)->complete()) {
        return fail(ErrorKind::Retry, Stage::Start, "read",
                    fmt::format("reading {} failed before its end", gathered.place));
    }
    gathered.told = fmt::format("{} of {} {} looked at{}", messages_text(raw.size()), gathered.place,
                                raw.size() == 1 ? "was" : "were", full ? "; --messages N takes more" : "");
    fill(raw, gathered);
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
    std::vector<Raw> raw;
    std::uint64_t number = 0;
    for (auto& message : peeked->messages) raw.push_back({std::move(message), ++number});
    fill(raw, gathered);
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
    if (sample.envelope() == infer::Envelope::S3Pointer) {
        return fmt::format(
            "{}: they are pointers to objects in S3, which `unwrap: s3-pointer` fetches in a pipeline and "
            "`init` does not; give it some of the objects as JSON lines with --from FILE",
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
    if (!gathered.unwrap.empty()) {
        std::vector<std::string_view> steps;
        for (const auto step : gathered.unwrap) steps.push_back(pipeline::name_of(step));
        notes.push_back(
            {Weight::Info, "envelope", gathered.place,
             fmt::format("the messages are wrapped; `unwrap: [{}]` takes them out, and paths lead into what "
                         "is inside",
                         fmt::join(steps, ", "))});
    }
    if (sample.envelope() == infer::Envelope::S3Event) {
        notes.push_back({Weight::Warning, "envelope", gathered.place,
                         "the messages are notifications of S3: their `Records` tell what happened to objects, and are "
                         "not the objects' content"});
    } else if (sample.envelope() == infer::Envelope::Sns || sample.envelope() == infer::Envelope::EventBridge) {
        notes.push_back(
            {Weight::Warning, "envelope", gathered.place,
             "the messages stand in an envelope of SNS or EventBridge, and what is inside is no JSON object: "
             "columns take what the envelope itself says"});
    }
    return notes;
}

}  // namespace sqs2pg::cli
