// See bench_invent.h.
#include "cli/bench_invent.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "base/base64.h"
#include "cli/bench_values.h"
#include "telemetry/log_line.h"

namespace sqs2pg::cli {
namespace {

using pipeline::Metadata;

// A JSON value that is put together path by path.
class Node {
   public:
    Node& member(const std::string& name) {
        elements_.clear();
        for (auto& [known, node] : members_) {
            if (known == name) return *node;
        }
        return *members_.emplace_back(name, std::make_unique<Node>()).second;
    }
    Node& element(std::size_t index) {
        members_.clear();
        while (elements_.size() <= index) elements_.push_back(std::make_unique<Node>());
        return *elements_[index];
    }
    Node& at(const std::vector<pipeline::PathStep>& path) {
        auto* node = this;
        for (const auto& step : path) node = step.index ? &node->element(*step.index) : &node->member(step.member);
        return *node;
    }
    bool empty() const noexcept { return members_.empty() && elements_.empty(); }
    // What others need below it stays. `firm`: what a condition asks for, or a type that takes few texts.
    void set(std::string json, bool firm) {
        if (firm_ && !firm) return;
        leaf_ = std::move(json);
        firm_ = firm;
    }

    void write(std::string& out) const {
        if (members_.empty() && elements_.empty()) {
            out += leaf_;
            return;
        }
        bool first = true;
        out += members_.empty() ? '[' : '{';
        for (const auto& node : elements_) {
            if (!std::exchange(first, false)) out += ',';
            node->write(out);
        }
        for (const auto& [name, node] : members_) {
            if (!std::exchange(first, false)) out += ',';
            telemetry::append_json(out, name);
            out += ':';
            node->write(out);
        }
        out += members_.empty() ? ']' : '}';
    }

   private:
    std::string leaf_ = "null";
    bool firm_ = false;
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> members_;
    std::vector<std::unique_ptr<Node>> elements_;
};

std::string json_text(std::string_view text) {
    std::string json;
    telemetry::append_json(json, text);
    return json;
}

std::string plain(const std::string& json) {
    return json.size() >= 2 && json.starts_with('"') ? json.substr(1, json.size() - 2) : json;
}

bool is_text(const pg::Column& column) {
    return column.type == pg::TypeClass::Text || column.type == pg::TypeClass::Varchar ||
           column.type == pg::TypeClass::Char;
}

std::string gzipped(const std::string& text) {
    z_stream stream{};
    constexpr int kGzip = 15 + 16;
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) return text;
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

class Invention {
   public:
    Invention(const pipeline::PipelineOptions& options, std::uint64_t n) : options_(options), n_(n) {}

    pipeline::Received make(const pipeline::Route& route, const pg::TableShape& table) {
        for (const auto& condition : route.when) {
            const auto value = condition.values.empty() ? std::string("null") : json_text(condition.values.front());
            put(condition.from, value, true);
        }
        if (route.each) each_ = &body_.at(route.each->path);
        for (const auto& rule : route.columns) {
            const auto* column = table.find(rule.column);
            if (column != nullptr && !rule.constant) put(rule, *column);
        }
        // An element of which nothing is mapped is an element nevertheless.
        if (each_ != nullptr) each_->element(kInventedElements - 1);
        std::string text;
        if (body_.empty()) body_.member("invented").set("true", false);
        body_.write(text);
        wrap(text);
        message_.body = std::move(text);
        if (pipeline::is_fifo(options_.queue)) {
            if (message_.group_id.empty()) message_.group_id = fmt::format("group-{}", n_ % 100);
            message_.sequence_number = fmt::format("{:020}", n_ + 1);
        }
        return std::move(message_);
    }

   private:
    void put(const pipeline::ColumnRule& rule, const pg::Column& column) {
        const bool firm = !is_text(column) || rule.mask.has_value();
        if (rule.from.metadata != Metadata::Item) return put(rule.from, invented_value(rule, column, n_), firm);
        for (std::size_t i = 0; i < kInventedElements && each_ != nullptr; ++i) {
            each_->element(i).at(rule.from.path).set(invented_value(rule, column, n_ * kInventedElements + i), firm);
        }
    }

    void put(const pipeline::Source& from, std::string json, bool firm) {
        switch (from.metadata) {
            case Metadata::None:
                body_.at(from.path).set(std::move(json), firm);
                break;
            case Metadata::GroupId:
                if (message_.group_id.empty()) message_.group_id = plain(json);
                break;
            case Metadata::SequenceNumber:
                if (message_.sequence_number.empty()) message_.sequence_number = plain(json);
                break;
            case Metadata::Attribute:
                put_attribute(from.attribute, plain(json));
                break;
            case Metadata::Envelope:
                if (from.path.size() > 1) {  // MessageAttributes.NAME
                    put_attribute(from.path[1].member, plain(json));
                } else if (!from.path.empty()) {
                    fields_.emplace(from.path.front().member, std::move(json));
                }
                break;
            default:  // what SQS and the worker tell
                break;
        }
    }

    void put_attribute(const std::string& name, std::string value) {
        const auto known = std::ranges::find(message_.attributes, name, &pipeline::MessageAttribute::name);
        if (known == message_.attributes.end()) message_.attributes.push_back({name, "String", std::move(value)});
    }

    // From the inside.
    void wrap(std::string& body) {
        for (auto step = options_.unwrap.rbegin(); step != options_.unwrap.rend(); ++step) {
            switch (*step) {
                case pipeline::Unwrap::Sns:
                    body = sns(body);
                    break;
                case pipeline::Unwrap::EventBridge:
                    body = event(body);
                    break;
                case pipeline::Unwrap::Base64:
                    body = encode_base64(body);
                    break;
                case pipeline::Unwrap::Gzip:
                    body = encode_base64(gzipped(body));
                    break;
                case pipeline::Unwrap::S3Pointer:  // a small message is none
                case pipeline::Unwrap::Encoding:   // no attribute names one
                    break;
            }
        }
    }

    std::string with_fields(std::map<std::string, std::string> members, pipeline::Unwrap step) const {
        for (const auto& [name, json] : fields_) {
            const auto known = pipeline::envelope_fields(step);
            if (std::ranges::find(known, name) != known.end()) members[name] = json;
        }
        std::string out;
        for (const auto& [name, json] : members) out += (out.empty() ? "{" : ",") + json_text(name) + ":" + json;
        return out + "}";
    }

    std::string sns(const std::string& body) const {
        std::string attributes;
        for (const auto& one : message_.attributes) {
            attributes += fmt::format("{}{}:{{\"Type\":\"String\",\"Value\":{}}}", attributes.empty() ? "" : ",",
                                      json_text(one.name), json_text(one.value));
        }
        auto made = with_fields({{"MessageId", fmt::format("\"00000000-0000-4000-8000-{:012}\"", n_)},
                                 {"TopicArn", "\"arn:aws:sns:eu-west-1:000000000000:bench\""},
                                 {"Timestamp", "\"2026-01-01T00:00:00.000Z\""},
                                 {"MessageAttributes", "{" + attributes + "}"}},
                                pipeline::Unwrap::Sns);
        made.pop_back();
        return made + ",\"Type\":\"Notification\",\"Message\":" + json_text(body) + "}";
    }

    std::string event(const std::string& body) const {
        auto made = with_fields({{"version", "\"0\""},
                                 {"id", fmt::format("\"00000000-0000-4000-8000-{:012}\"", n_)},
                                 {"detail-type", "\"invented\""},
                                 {"source", "\"bench\""},
                                 {"account", "\"000000000000\""},
                                 {"time", "\"2026-01-01T00:00:00Z\""},
                                 {"region", "\"eu-west-1\""},
                                 {"resources", "[]"}},
                                pipeline::Unwrap::EventBridge);
        made.pop_back();
        return made + ",\"detail\":" + body + "}";
    }

    const pipeline::PipelineOptions& options_;
    std::uint64_t n_;
    pipeline::Received message_;
    Node body_;
    Node* each_ = nullptr;
    std::map<std::string, std::string> fields_;  // of envelopes, as JSON
};

}  // namespace

pipeline::Received invented_message(const pipeline::PipelineOptions& options, std::span<const pg::TableShape> tables,
                                    std::uint64_t n) {
    const auto route = n % options.routes.size();
    return Invention(options, n).make(options.routes[route], tables[route]);
}

}  // namespace sqs2pg::cli
