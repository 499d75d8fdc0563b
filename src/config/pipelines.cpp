// Pipelines, see pipelines.h.
#include "config/pipelines.h"

#include <algorithm>

#include <fmt/core.h>

#include "config/brake.h"
#include "config/routes.h"
#include "config/unwrapping.h"
#include "config/values.h"

namespace sqs2pg::config {
namespace {

bool is_url(std::string_view queue) { return queue.starts_with("https://") || queue.starts_with("http://"); }

}  // namespace

void PipelineReader::read(const Node& pipelines, const Scope& scope, const ReadingFrom& from) {
    if (pipelines.members.empty()) {
        report_.mistake(pipelines.place,
                        "`pipelines` is empty; write a name, and under it `queue`, `table` and `columns`");
    }
    for (const auto& member : pipelines.members) read_pipeline(member, scope, from);
}

void PipelineReader::read_pipeline(const Member& member, const Scope& scope, const ReadingFrom& from) {
    const auto& [key, value] = member;
    name_ = key.text;
    if (!valid_name(name_, false)) {
        report_.mistake(key.place, "a pipeline's name has 1 to 63 letters, digits, `_` and `-`");
    }
    auto [first, fresh] = names_.emplace(name_, key.place);
    if (!fresh) {
        report_.mistake(key.place, fmt::format("the pipeline {} stands in {} already; give one of them another name",
                                               backquoted(name_), first->second.text()));
        return;
    }
    Section section(value, kPipeline, fmt::format("the pipeline {}", backquoted(name_)), key.place, report_,
                    scope.options());
    PipelineSettings settings;
    settings.name = name_;
    settings.place = key.place.text();
    read_options(section, settings);
    read_connections(section, scope, from, settings);
    const auto place = section.place_of("queue");
    if (section.has("queue") && check_queue(place, settings.queue)) check_twice(place, settings);
    settings.fingerprint = fingerprint_of(settings.postgres, settings.aws, settings.keys);
    for (auto name : names_in(kPipeline)) {
        const bool connection = std::ranges::find(kConnections, name) != kConnections.end();
        const Node* node = connection ? nullptr : section.find(name);
        settings.fingerprint = mixed(settings.fingerprint, node == nullptr ? 0 : fingerprint_of(*node));
    }
    pipelines_.push_back(std::move(settings));
}

void PipelineReader::read_options(const Section& section, PipelineSettings& options) {
    options.queue = section.text("queue");
    read_unwrapping(section, options, options.s3, report_);
    read_kinds(section, options);
    const bool fifo = pipeline::is_fifo(options.queue);
    if (fifo && section.text("bad_message") == "block") options.bad_message = pipeline::OnBadMessage::Block;
    // In `defaults` it stands for those that are.
    if (section.written("bad_message") && section.has("queue") && !fifo) {
        report_.mistake(section.place_of("bad_message"),
                        "`bad_message` is for FIFO queues, whose names end in `.fifo`; a standard queue has no order "
                        "that a bad message could hold up, and each bad message becomes a dead letter");
    }
    options.missing_is_null = section.text("missing") == "null";
    options.visibility_timeout_seconds = static_cast<int>(section.number("visibility_timeout"));
    options.max_batch_rows = static_cast<std::size_t>(section.number("max_batch_rows"));
    options.max_in_flight = static_cast<std::size_t>(section.number("max_in_flight"));
    options.max_in_flight_bytes = static_cast<std::size_t>(section.number("max_in_flight_bytes"));
    options.max_polls = static_cast<int>(section.number("max_polls"));
    options.long_poll_seconds = static_cast<int>(section.number("long_poll"));
    options.max_rows_per_second = static_cast<int>(section.number("max_rows_per_second"));
    if (const Node* brake = section.find("brake")) options.brake = read_brake(*brake, name_, report_);
}

void PipelineReader::read_connections(const Section& section, const Scope& scope, const ReadingFrom& from,
                                      PipelineSettings& settings) {
    Connections here;
    for (auto name : kConnections) {
        read_connection(name, section, fmt::format("`{}` of the pipeline {}", name, backquoted(name_)), from, here);
    }
    for (const auto* level : {&scope.own.connections, &scope.shared.connections}) {
        if (!here.postgres) here.postgres = level->postgres;
        if (!here.aws) here.aws = level->aws;
        if (!here.keys) here.keys = level->keys;
    }
    if (here.keys) {
        any_keys_ = true;
    } else {
        without_keys_.emplace_back(name_, section.place());
    }
    settings.postgres = std::move(here.postgres).value_or(PostgresSettings{});
    settings.aws = std::move(here.aws).value_or(AwsSettings{});
    auto& postgres = settings.postgres;
    const bool asks_aws = postgres.auth == PostgresSettings::Auth::RdsIam || postgres.password_secret;
    if (asks_aws) postgres.aws = settings.aws;
    settings.keys = std::move(here.keys).value_or(KeySettings{});
    if (settings.keys.secret) settings.keys.aws = settings.aws;
}

// One kind of message, or several.
void PipelineReader::read_kinds(const Section& section, pipeline::PipelineOptions& options) {
    if (!section.written("routes")) {
        for (auto name : {"table", "columns"}) {
            if (section.written(name) || section.broken()) continue;
            report_.mistake(section.place(), fmt::format("{} has no `{}`", section.what(), name));
        }
        if (section.written("otherwise")) {
            report_.mistake(section.place_of("otherwise"),
                            "`otherwise` belongs to `routes`; without them every message goes into the table");
        }
        options.routes.push_back(read_route(section, options.unwrap, report_, first_keyed_));
        return;
    }
    for (auto name : {"table", "columns", "each", "on_conflict"}) {
        if (!section.written(name)) continue;
        report_.mistake(section.place_of(name),
                        fmt::format("`{}` beside `routes`: write it in the routes that it belongs to", name));
    }
    if (const Node* routes = section.find("routes"))
        options.routes = read_routes(*routes, options.unwrap, report_, first_keyed_);
    if (section.text("otherwise") == "ignore") options.otherwise = pipeline::Otherwise::Ignore;
}

bool PipelineReader::check_queue(const Place& place, const std::string& queue) {
    if (queue.starts_with("arn:")) {
        if (valid_queue_arn(queue)) return true;
        report_.mistake(place,
                        "`queue` is not the ARN of a queue; such as `arn:aws:sqs:eu-central-1:123456789012:NAME`");
        return false;
    }
    if (!is_url(queue) && !valid_queue_name(queue)) {
        report_.mistake(place,
                        "`queue` is a queue's name (at most 80 letters, digits, `-` and `_`), its URL or its ARN");
        return false;
    }
    return true;
}

// Two spellings of one queue (its name and its URL) are found when both were asked for, at the start and by `check`.
void PipelineReader::check_twice(const Place& place, const PipelineSettings& settings) {
    const auto& aws = settings.aws;
    std::vector<std::string> whereabouts{settings.queue, aws.endpoint_url, aws.region, aws.profile};
    auto [first, fresh] = queues_.emplace(std::move(whereabouts), name_);
    if (!fresh) {
        report_.mistake(place,
                        fmt::format("the pipeline {} reads this queue already, and a message reaches only one of "
                                    "them; give each pipeline its own queue",
                                    backquoted(first->second)));
    }
}

}  // namespace sqs2pg::config
