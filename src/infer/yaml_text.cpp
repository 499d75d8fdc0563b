// Writes the configuration, see yaml_text.h.
#include "infer/yaml_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sqs2pg::infer {

namespace {

constexpr std::size_t kWidestName = 32;   // longer names do not push everybody else's rule to the right
constexpr std::size_t kWidestLine = 120;  // a longer remark stands above its column
constexpr std::size_t kWidestRule = 46;   // …nor longer rules the remarks

std::string rule_text(const pipeline::ColumnRule& rule) {
    std::string more;
    if (rule.convert != pipeline::Convert::None) more += fmt::format(", convert: {}", infer::name_of(rule.convert));
    if (rule.mask) {
        more += fmt::format(", mask: {}", privacy::name_of(rule.mask->method));
        if (!rule.mask->domain.empty()) more += fmt::format(", domain: {}", yaml_scalar(rule.mask->domain, true));
        if (rule.mask->canonical == privacy::Canonical::Ip) more += ", as: ip";
    }
    if (rule.optional) more += ", optional: true";
    if (more.empty()) return yaml_scalar(rule.from.text);
    return fmt::format("{{from: {}{}}}", yaml_scalar(rule.from.text, true), more);
}

std::string table_text(const pg::TableName& name) {
    const auto part = [](const std::string& text) {
        if (text.find_first_of(".\"") == std::string::npos) return text;
        std::string quoted = "\"";
        for (const char c : text) {
            if (c == '"') quoted.push_back('"');
            quoted.push_back(c);
        }
        return quoted + '"';
    };
    return yaml_scalar(name.schema.empty() ? part(name.table) : part(name.schema) + "." + part(name.table));
}

// Lines at one depth; a commented block has its `#` in front of each.
class Lines {
   public:
    explicit Lines(std::string& out) : out_(out) {}

    void line(int depth, std::string_view text, bool active = true) {
        out_.append(static_cast<std::size_t>(depth) * 2, ' ');
        if (!active) out_ += "# ";
        out_ += text;
        out_.push_back('\n');
    }
    void comment(int depth, std::string_view text) { line(depth, fmt::format("# {}", printable(text))); }
    void blank() { out_.push_back('\n'); }

   private:
    std::string& out_;
};

void write_columns(Lines& lines, int depth, const ProposedRoute& route) {
    std::size_t name_width = 0;
    for (const auto& column : route.columns) {
        name_width = std::max(name_width, std::min(kWidestName, yaml_scalar(column.rule.column).size()));
    }
    for (const auto& column : route.columns) {
        auto text = yaml_scalar(column.rule.column) + ":";
        text = fmt::format("{:<{}} {}", text, name_width + 1, rule_text(column.rule));
        const auto remarks = printable(fmt::format("{}", fmt::join(column.remarks, "; ")));
        const auto beside = fmt::format("{:<{}}  # {}", text, name_width + 2 + kWidestRule, remarks);
        const bool fits = beside.size() + static_cast<std::size_t>(depth) * 2 <= kWidestLine;
        if (!fits) {
            for (const auto& remark : column.remarks) lines.comment(depth, remark);
        }
        lines.line(depth, fits && !remarks.empty() ? beside : text, column.active && route.active);
    }
    if (std::ranges::none_of(route.columns, &ProposedColumn::active)) {
        lines.comment(depth, "No column takes anything from the messages: write the first one.");
    }
    for (const auto& [column, why] : route.unmapped_columns) {
        lines.comment(depth, fmt::format("not mapped: the column {}, {}", yaml_scalar(column), why));
    }
    for (const auto& [path, why] : route.unmapped_paths) {
        lines.comment(depth, fmt::format("not mapped: {}, which {}", path, why));
    }
}

void write_each(Lines& lines, int depth, const Each& each) {
    lines.comment(depth,
                  fmt::format("A row for each element of {} instead: put these two lines above, and columns such "
                              "as these among them (docs: mapping).",
                              each.path));
    lines.line(depth, fmt::format("each: {}", yaml_scalar(each.path)), false);
    for (const auto& column : each.columns) {
        for (const auto& remark : column.remarks) lines.comment(depth + 1, remark);
        lines.line(depth + 1, fmt::format("{}: {}", yaml_scalar(column.rule.column), rule_text(column.rule)), false);
    }
}

std::string values_text(const pipeline::Condition& condition) {
    std::vector<std::string> values;
    for (const auto& value : condition.values) values.push_back(yaml_scalar(value, true));
    return values.size() == 1 ? values.front() : fmt::format("[{}]", fmt::join(values, ", "));
}

void write_routes(Lines& lines, const Proposal& proposal) {
    lines.line(2, "routes:");
    for (const auto& route : proposal.routes) {
        const auto& condition = route.when.front();
        lines.line(3,
                   fmt::format("- when: {{{}: {}}}    # {} of the messages that were looked at",
                               yaml_scalar(condition.from.text, true), values_text(condition), route.messages),
                   route.active);
        lines.line(4, fmt::format("table: {}", table_text(route.table)), route.active);
        lines.line(4, "columns:", route.active);
        write_columns(lines, 5, route);
        if (route.each) write_each(lines, 4, *route.each);
    }
    if (proposal.further.empty()) return;
    lines.comment(3,
                  "Further kinds, which are dead letters (no_route) until they have a route; `sqs2pg init --routes N`");
    lines.comment(3, "proposes their columns.");
    for (const auto& kind : proposal.further) {
        lines.line(3,
                   fmt::format("- when: {{{}: {}}}    # {} of the messages that were looked at",
                               yaml_scalar(kind.when.from.text, true), values_text(kind.when), kind.messages),
                   false);
        lines.line(3, fmt::format("  table: {}", table_text(kind.table)), false);
    }
    if (proposal.untold > 0) lines.comment(3, fmt::format("…and {} kinds more, rarer than these.", proposal.untold));
}

}  // namespace

std::string_view name_of(pipeline::Convert convert) noexcept {
    using pipeline::Convert;
    switch (convert) {
        case Convert::None:
            return {};
        case Convert::MajorVersion:
            return "major_version";
        case Convert::Lower:
            return "lower";
        case Convert::Upper:
            return "upper";
        case Convert::Trim:
            return "trim";
        case Convert::EpochSeconds:
            return "epoch_seconds";
        case Convert::EpochMillis:
            return "epoch_millis";
        case Convert::Base64:
            return "base64";
        case Convert::Json:
            return "json";
    }
    return {};
}

std::string yaml_of(const Proposal& proposal, const Connections& connections, const std::vector<std::string>& head) {
    std::string out;
    Lines lines(out);
    for (const auto& text : head) lines.comment(0, text);
    if (connections.postgres_url.empty()) {
        lines.comment(0, "postgres: the PG… variables name the database, as for psql");
    } else {
        lines.line(0, "postgres:");
        const bool variable = connections.postgres_url.starts_with("${");
        lines.line(1, "url: " + (variable ? connections.postgres_url : yaml_scalar(connections.postgres_url)));
    }
    if (!connections.region.empty() || !connections.endpoint_url.empty() || !connections.profile.empty()) {
        lines.line(0, "aws:");
        if (!connections.region.empty()) lines.line(1, "region: " + yaml_scalar(connections.region));
        if (!connections.endpoint_url.empty()) lines.line(1, "endpoint_url: " + yaml_scalar(connections.endpoint_url));
        if (!connections.profile.empty()) lines.line(1, "profile: " + yaml_scalar(connections.profile));
    }
    lines.line(0, "keys:");
    lines.line(1, fmt::format("file: {}    # `sqs2pg key new -o {}` makes it; keep it apart from the database",
                              yaml_scalar(connections.key_file), connections.key_file));
    lines.line(0, "pipelines:");
    lines.line(1, yaml_scalar(proposal.pipeline) + ":");
    lines.line(2, "queue: " + yaml_scalar(proposal.queue));
    if (!proposal.unwrap.empty()) {
        std::vector<std::string_view> steps;
        for (const auto step : proposal.unwrap) steps.push_back(pipeline::name_of(step));
        const auto list = fmt::format("{}", fmt::join(steps, ", "));
        lines.line(2, steps.size() == 1 ? "unwrap: " + list : fmt::format("unwrap: [{}]", list));
    }
    if (proposal.several) {
        lines.line(2, "otherwise: dead-letter    # what fits no route; `ignore` deletes it");
        write_routes(lines, proposal);
        return out;
    }
    const auto& route = proposal.routes.front();
    lines.line(2, "table: " + table_text(route.table));
    lines.line(2, "columns:");
    write_columns(lines, 3, route);
    if (route.each) write_each(lines, 2, *route.each);
    return out;
}

}  // namespace sqs2pg::infer
