// See bench_messages.h.
#include "cli/bench_messages.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "cli/bench_clock.h"
#include "cli/bench_invent.h"
#include "cli/message_source.h"
#include "cli/peek.h"

namespace sqs2pg::cli {
namespace {

constexpr std::size_t kMostMessages = 100'000;
constexpr std::size_t kMostBytes = 64u << 20;
constexpr std::size_t kInvented = 20'000;
constexpr std::size_t kMostReasons = 10;
// Asking for the time costs as much as a message.
constexpr std::size_t kTimedTogether = 256;
// Of the whole run's time, for reading and transforming.
constexpr double kPart = 0.1;
constexpr double kLeastSeconds = 1;

using Next = std::function<std::optional<pipeline::Received>()>;

Result<Next> from_file(const std::string& path) {
    auto lines = open_lines(path);
    if (!lines) return fail(lines.error());
    std::shared_ptr<MessageSource> source(std::move(*lines));
    return Next([source]() -> std::optional<pipeline::Received> {
        auto line = source->next();
        if (!line) return std::nullopt;
        pipeline::Received message;
        message.body = std::move(line->body);
        return message;
    });
}

Result<Next> from_queue(const BenchMessages& from, const config::PipelineSettings& pipeline) {
    PeekRequest request;
    request.aws = pipeline.aws;
    request.queue = pipeline.queue;
    request.messages = from.peek;
    request.yes = from.yes;
    auto peeked = peek_now(std::move(request));
    if (!peeked) return fail(peeked.error());
    auto all = std::make_shared<std::vector<pipeline::Received>>(std::move(peeked->messages));
    auto next = std::make_shared<std::size_t>(0);
    return Next([all, next]() -> std::optional<pipeline::Received> {
        if (*next == all->size()) return std::nullopt;
        return std::move((*all)[(*next)++]);
    });
}

Next invented(const config::PipelineSettings& pipeline, const std::vector<pg::TableShape>& tables) {
    auto made = std::make_shared<std::uint64_t>(0);
    return [&pipeline, &tables, made]() -> std::optional<pipeline::Received> {
        if (*made == kInvented) return std::nullopt;
        return invented_message(pipeline, tables, (*made)++);
    };
}

void count(TransformFigures& figures, std::string reason, std::string place) {
    auto known = std::ranges::find_if(
        figures.refused, [&](const RefusedMessages& one) { return one.reason == reason && one.place == place; });
    if (known == figures.refused.end() && figures.refused.size() == kMostReasons) {
        reason = "other";
        place.clear();
        known = std::ranges::find(figures.refused, reason, &RefusedMessages::reason);
    }
    if (known == figures.refused.end()) {
        known = figures.refused.insert(known, {std::move(reason), std::move(place), 0});
    }
    ++known->messages;
}

bool take(const Next& next, std::vector<pipeline::Received>& into) {
    auto message = next();
    if (message) into.push_back(std::move(*message));
    return message.has_value();
}

void transform(pipeline::MapStage& map, std::vector<pipeline::Received>& messages,
               std::vector<pipeline::MaskedRow>& rows, TransformFigures& figures) {
    std::vector<pipeline::BadMessage> bad;
    const auto before = rows.size();
    rows.reserve(before + messages.size());
    const auto began = thread_seconds();
    for (auto& message : messages) {
        auto row = map.transform(message);
        if (!row) {
            bad.push_back(std::move(row.error()));
        } else if (*row) {
            rows.push_back(std::move(**row));
        }
    }
    figures.cpu_seconds += thread_seconds() - began;
    for (auto i = before; i < rows.size(); ++i) figures.rows += rows[i].rows();
    for (auto& one : bad) count(figures, std::move(one.reason), std::move(one.place));
    for (auto i = rows.size() - before + bad.size(); i < messages.size(); ++i) count(figures, "ignored", "");
}

Error no_row(const TransformFigures& figures, const BenchMessages& from) {
    std::string why;
    if (!figures.refused.empty()) {
        const auto& first = figures.refused.front();
        why = fmt::format(" ({}{}{})", first.reason, first.place.empty() ? "" : " at ", first.place);
    }
    std::string detail;
    if (figures.source == "invented") {
        detail =
            fmt::format("no message that could be invented becomes a row{}: give real ones with --messages FILE", why);
    } else if (figures.messages == 0) {
        detail = (figures.source == "queue" ? "the queue" : from.file) + " holds no message";
    } else {
        detail = fmt::format("none of {} messages of {} becomes a row{}: see `sqs2pg preview{}`", figures.messages,
                             figures.source == "queue" ? "the queue" : from.file, why,
                             figures.source == "queue" ? "" : " --from");
    }
    return {ErrorKind::Configuration, Stage::Start, "no_row", std::move(detail)};
}

}  // namespace

Result<std::vector<pipeline::MaskedRow>> bench_rows(const BenchMessages& from, const config::PipelineSettings& pipeline,
                                                    const std::vector<pg::TableShape>& tables, pipeline::MapStage& map,
                                                    TransformFigures& figures) {
    Result<Next> next = invented(pipeline, tables);
    figures.source = "invented";
    if (!from.file.empty()) {
        figures.source = "file";
        next = from_file(from.file);
    } else if (from.peek > 0) {
        figures.source = "queue";
        next = from_queue(from, pipeline);
    }
    if (!next) return fail(next.error());
    std::vector<pipeline::MaskedRow> rows;
    const SystemClock clock;
    const auto until = in(std::max(kLeastSeconds, from.seconds * kPart));
    const auto now = clock.wall_ms();
    bool more = true;
    while (more && figures.messages < kMostMessages && figures.bytes < kMostBytes &&
           (rows.empty() || Steady::now() < until)) {
        std::vector<pipeline::Received> chunk;
        while (chunk.size() < kTimedTogether && (more = take(*next, chunk))) {
            auto& message = chunk.back();
            ++figures.messages;
            if (message.message_id.empty()) {
                message.message_id = fmt::format("00000000-0000-4000-8000-{:012}", figures.messages);
            }
            if (message.sent_ms == 0) message.sent_ms = now;
            message.received_ms = now;
            message.receive_count = 1;
            figures.bytes += message.body.size();
        }
        transform(map, chunk, rows, figures);
    }
    if (rows.empty()) return fail(no_row(figures, from));
    return rows;
}

}  // namespace sqs2pg::cli
