// Reading of case files, see case_file.h.
#include "cases/case_file.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/moment.h"
#include "cases/expectation.h"
#include "cases/json_text.h"
#include "cases/map_reader.h"
#include "config/values.h"
#include "pg/type_text.h"

namespace sqs2pg::cases {
namespace {

using config::Node;

constexpr std::int64_t kSent = 1'767'225'600'000;  // 2026-01-01T00:00:00Z: when a message was sent that does not say

class Reader {
   public:
    Reader(std::string name, config::Report& report) : report_(report) { file_.name = std::move(name); }

    CaseFile read(const Node& root) {
        const MapReader top(root, "the file of cases",
                            {"configuration", "pipeline", "table", "tables", "base", "cases"}, report_);
        read_names(top, root);
        read_tables(top);
        base_ = top.find("base");
        if (base_ != nullptr && base_->kind != Node::Kind::Map) {
            report_.mistake(base_->place, "`base` is a map: the message that `with` and `without` of a case change");
            base_ = nullptr;
        }
        const auto* cases = top.find("cases");
        if (cases == nullptr || cases->kind != Node::Kind::List || cases->items.empty()) {
            if (root.kind == Node::Kind::Map) {
                report_.mistake(cases == nullptr ? root.place : cases->place,
                                "`cases` is a list of cases: `- name: …`, and under it `message` and `expect`");
            }
            return std::move(file_);
        }
        for (const auto& item : cases->items) read_case(item);
        return std::move(file_);
    }

   private:
    void read_names(const MapReader& top, const Node& root) {
        file_.configuration = top.text("configuration");
        file_.pipeline = top.text("pipeline");
        const auto* configuration = top.find("configuration");
        const auto* pipeline = top.find("pipeline");
        file_.configuration_place = configuration == nullptr ? root.place : configuration->place;
        file_.pipeline_place = pipeline == nullptr ? root.place : pipeline->place;
    }

    void read_tables(const MapReader& top) {
        const auto* table = top.find("table");
        const auto* tables = top.find("tables");
        if (table != nullptr && tables != nullptr) {
            report_.mistake(tables->place, "`tables` beside `table`; leave one");
        }
        if (table != nullptr) read_table("", *table, table->place);
        if (tables == nullptr) return;
        if (tables->kind != Node::Kind::Map) {
            report_.mistake(tables->place, "`tables` is a map from a table's name to its columns");
            return;
        }
        for (const auto& [key, value] : tables->members) read_table(key.text, value, key.place);
    }

    void read_table(const std::string& name, const Node& node, const config::Place& place) {
        if (node.kind != Node::Kind::Map || node.members.empty()) {
            report_.mistake(node.place,
                            "a table is a map from its columns to their types, such as `id: bigint not null`");
            return;
        }
        WrittenTable table{name, place, {}};
        for (const auto& [key, value] : node.members) {
            auto type = pg::parse_column_type(value.kind == Node::Kind::Scalar ? value.text : "");
            if (!type) {
                report_.mistake(value.place,
                                fmt::format("the type of {} {}", config::backquoted(key.text), type.error()));
                continue;
            }
            type->column.name = key.text;
            if (type->unique) table.shape.unique_keys.push_back({{key.text}});
            table.shape.columns.push_back(std::move(type->column));
        }
        file_.tables.push_back(std::move(table));
    }

    void read_case(const Node& node) {
        const auto* named = find_name(node);
        const auto what = named == nullptr ? std::string("a case") : "the case " + config::backquoted(named->text);
        const MapReader section(node, what,
                                {"name", "message", "body", "with", "without", "object", "message_id", "attributes",
                                 "sent_at", "received_at", "receive_count", "group_id", "sequence_number", "expect"},
                                report_);
        if (node.kind != Node::Kind::Map) return;
        Case one;
        one.place = node.place;
        one.name = section.text("name");
        if (!section.has("name")) report_.mistake(node.place, "a case has a `name`");
        if (auto [first, fresh] = names_.emplace(one.name, node.place); !fresh && !one.name.empty()) {
            report_.mistake(node.place, fmt::format("the case {} stands in {} already; give one of them another name",
                                                    config::backquoted(one.name), first->second.text()));
        }
        read_body(section, one);
        if (const auto* object = section.find("object")) {
            one.object = object->kind == Node::Kind::Scalar ? object->text : json_of(*object);
        }
        read_metadata(section, one.message);
        if (const auto* expect = section.find("expect")) {
            one.expect = read_expectation(*expect, what, report_);
        } else {
            report_.mistake(node.place, fmt::format("{} has no `expect`", what));
        }
        file_.cases.push_back(std::move(one));
    }

    static const Node* find_name(const Node& node) {
        const auto found = std::ranges::find_if(node.members, [](const auto& m) { return m.key.text == "name"; });
        return found == node.members.end() || found->value.kind != Node::Kind::Scalar ? nullptr : &found->value;
    }

    void read_body(const MapReader& section, Case& one) {
        const auto* message = section.find("message");
        const auto* body = section.find("body");
        const bool changes = section.has("with") || section.has("without");
        if ((message != nullptr) + (body != nullptr) + changes > 1) {
            report_.mistake(one.place, fmt::format("{} has more than one of `message`, `body` and `with` or `without`; "
                                                   "leave one",
                                                   section.what()));
            return;
        }
        if (body != nullptr) {
            if (body->kind != Node::Kind::Scalar) {
                report_.mistake(body->place, "`body` is the body's text as it is; JSON as YAML stands under `message`");
            }
            one.message.body = body->text;
        } else if (message != nullptr) {
            if (message->kind != Node::Kind::Map && message->kind != Node::Kind::List) {
                report_.mistake(message->place,
                                "`message` is JSON (`{user_id: 42}`); a body as text stands under `body`");
            }
            one.message.body = json_of(*message);
        } else if (base_ != nullptr) {
            one.message.body = json_of(changed_base(section));
        } else {
            report_.mistake(one.place,
                            fmt::format("{} has no `message`, no `body`, and the file no `base`", section.what()));
        }
    }

    Node changed_base(const MapReader& section) {
        Node message = *base_;
        const auto* with = section.find("with");
        if (with != nullptr && with->kind != Node::Kind::Map) {
            report_.mistake(with->place,
                            "`with` is a map of members that the message has besides `base`'s, or instead");
        } else if (with != nullptr) {
            for (const auto& member : with->members) {
                auto found = std::ranges::find(message.members, member.key.text, &name_of);
                if (found == message.members.end()) {
                    message.members.push_back(member);
                } else {
                    found->value = member.value;
                }
            }
        }
        const auto* without = section.find("without");
        if (without == nullptr) return message;
        const auto names = without->kind == Node::Kind::List ? without->items : std::vector<Node>{*without};
        for (const auto& name : names) {
            const auto gone = std::erase_if(message.members, [&](const auto& m) { return m.key.text == name.text; });
            if (gone == 0) {
                report_.mistake(name.place, fmt::format("`base` has no member {}", config::backquoted(name.text)));
            }
        }
        return message;
    }
    static const std::string& name_of(const config::Member& member) { return member.key.text; }

    void read_metadata(const MapReader& section, pipeline::Received& message) {
        message.message_id = fmt::format("00000000-0000-4000-8000-{:012}", file_.cases.size() + 1);
        if (section.has("message_id")) message.message_id = section.text("message_id");
        message.sent_ms = time_of(section, "sent_at", kSent);
        message.received_ms = time_of(section, "received_at", message.sent_ms);
        message.group_id = section.text("group_id");
        message.sequence_number = section.text("sequence_number");
        message.receive_count = 1;
        if (const auto* count = section.find("receive_count")) {
            const auto number = config::parse_integer(count->text);
            if (!number || *number < 1 || *number > 1'000'000) {
                report_.mistake(count->place, "`receive_count` is a whole number from 1");
            } else {
                message.receive_count = static_cast<std::uint32_t>(*number);
            }
        }
        const auto* attributes = section.find("attributes");
        if (attributes == nullptr) return;
        if (attributes->kind != Node::Kind::Map) {
            report_.mistake(attributes->place, "`attributes` is a map from names to texts");
        }
        for (const auto& [key, value] : attributes->members) {
            if (value.kind != Node::Kind::Scalar) {
                report_.mistake(value.place, fmt::format("the attribute {} is a text", config::backquoted(key.text)));
            }
            message.attributes.push_back({key.text, "String", value.text});
        }
    }

    std::int64_t time_of(const MapReader& section, std::string_view name, std::int64_t otherwise) {
        const auto* node = section.find(name);
        if (node == nullptr) return otherwise;
        const auto moment = parse_moment(node->text);
        if (moment && !moment->ago) return moment->ms;
        report_.mistake(node->place, fmt::format("`{}` is a time such as 2026-01-31T12:00:00.123Z", name));
        return otherwise;
    }

    config::Report& report_;
    CaseFile file_;
    const Node* base_ = nullptr;
    std::map<std::string, config::Place, std::less<>> names_;
};

}  // namespace

CaseFile read_cases(std::string_view yaml, const std::string& name, config::Report& report) {
    report.opens(name);
    const auto root = config::read_yaml(yaml, name, report);
    CaseFile nothing;
    nothing.name = name;
    if (!root) return nothing;
    return Reader(name, report).read(*root);
}

}  // namespace sqs2pg::cases
