// From the analysis to routes, see proposal.h.
#include <algorithm>

#include <fmt/format.h>

#include "infer/columns.h"
#include "infer/judge.h"
#include "infer/names.h"
#include "infer/proposal.h"
#include "infer/types.h"

namespace sqs2pg::infer {

namespace {

std::string pipeline_name(const ProposeOptions& options) {
    auto name = column_name(options.table.table);
    return name.empty() ? "messages" : name;
}

std::vector<pipeline::Condition> conditions(const Kinds& kinds, const Kind& kind) {
    pipeline::Condition condition;
    condition.from = kinds.from;
    condition.values = kind.values;
    return {std::move(condition)};
}

const pg::TableShape* live(const ProposeOptions& options, const pg::TableName& name) {
    const auto found = options.live.find(pg::shown(name));
    return found == options.live.end() ? nullptr : &found->second;
}

// Every column that needs a value has one, and something of the message arrives.
bool fits(const ProposedRoute& route, const std::vector<Note>& notes) {
    const auto paths = std::ranges::count_if(route.columns, [](const auto& column) {
        return column.active && column.rule.from.metadata == pipeline::Metadata::None;
    });
    return paths > 0 && std::ranges::none_of(notes, [](const Note& note) { return note.weight == Weight::Error; });
}

// The kind's own table where there is one, the named table where the kind fits into it, else a proposed one.
ProposedRoute route_for(Sample& sample, const Analysis& analysis, const Analysis::Part& part,
                        const ProposeOptions& options, std::vector<Note>& notes) {
    ProposedRoute route;
    route.messages = static_cast<std::uint32_t>(part.messages.size());
    route.each = each_for(part.profile);
    if (part.kind.values.empty()) {
        route.table = options.table;
        const auto* table = live(options, options.table);
        if (table == nullptr) {
            invent_table(part, route, notes);
        } else {
            join_table(sample, part, *table, route, notes);  // keeps the name as it was asked for
        }
        return route;
    }
    auto names = tables_of_kind(options.table, part.kind);
    names.push_back(options.table);
    for (const auto& name : names) {
        const auto* table = live(options, name);
        if (table == nullptr) continue;
        auto joined = route;
        joined.table = name;
        std::vector<Note> own;
        join_table(sample, part, *table, joined, own);
        if (!fits(joined, own)) continue;
        notes.insert(notes.end(), own.begin(), own.end());
        joined.when = conditions(*analysis.kinds, part.kind);
        return joined;
    }
    route.when = conditions(*analysis.kinds, part.kind);
    route.table = table_of_kind(options.table, part.kind);
    invent_table(part, route, notes);
    return route;
}

bool same_rules(const ProposedRoute& one, const ProposedRoute& other) {
    return std::ranges::equal(one.columns, other.columns, [](const auto& a, const auto& b) {
        return a.rule.column == b.rule.column && a.rule.from.same_as(b.rule.from) &&
               a.rule.optional == b.rule.optional && a.rule.convert == b.rule.convert && a.active == b.active;
    });
}

// Kinds that go into one table in the same way share a route.
void merge_routes(std::vector<ProposedRoute>& routes) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        for (std::size_t j = i + 1; j < routes.size();) {
            if (!routes[i].table_exists || routes[i].table != routes[j].table || !same_rules(routes[i], routes[j])) {
                ++j;
                continue;
            }
            auto& values = routes[i].when.front().values;
            const auto& more = routes[j].when.front().values;
            values.insert(values.end(), more.begin(), more.end());
            routes[i].messages += routes[j].messages;
            routes.erase(routes.begin() + static_cast<std::ptrdiff_t>(j));
        }
    }
}

void note_personal(const ProposedRoute& route, std::vector<Note>& notes) {
    for (const auto& column : route.columns) {
        if (!column.spotted) continue;
        if (!column.spotted->sure) {
            notes.push_back({Weight::Info, "personal_maybe", column.rule.from.text,
                             fmt::format("may be {}; it is not masked", reason_for(*column.spotted))});
        } else if (column.rule.mask) {
            notes.push_back({Weight::Info, "personal", column.rule.from.text,
                             fmt::format("looks like {}: mask {}", reason_for(*column.spotted),
                                         privacy::name_of(column.rule.mask->method))});
        }
    }
}

// A longer text that holds an address is nobody's e-mail address, and no mask of a whole value would suit it.
void note_emails(const Analysis::Part& part, const ProposedRoute& route, std::vector<Note>& notes) {
    for (const auto& leaf : leaves_of(part.profile, false)) {
        const auto holding = leaf.place->values.count(Form::HoldsEmail);
        if (holding == 0) continue;
        const auto written = std::ranges::any_of(route.columns, [&](const ProposedColumn& column) {
            return column.active && !column.rule.mask && column.rule.from.text == leaf.path;
        });
        if (!written) continue;
        notes.push_back({Weight::Warning, "email_inside", leaf.path,
                         fmt::format("{} of {} texts hold an e-mail address, which would be written as it is: mask the "
                                     "column, or leave it out, where that must not be",
                                     holding, leaf.place->values.strings)});
    }
}

void add_further(const Analysis& analysis, const pg::TableName& table, Proposal& proposal) {
    const auto& kinds = analysis.kinds->kinds;
    for (auto i = analysis.parts.size(); i < kinds.size(); ++i) {
        if (proposal.further.size() == kMostFurther) {
            proposal.untold = kinds.size() - i;
            return;
        }
        proposal.further.push_back({conditions(*analysis.kinds, kinds[i]).front(), table_of_kind(table, kinds[i]),
                                    static_cast<std::uint32_t>(kinds[i].messages.size())});
    }
}

void note_each(const ProposedRoute& route, std::vector<Note>& notes) {
    if (!route.each) return;
    notes.push_back({Weight::Info, "each", route.each->path,
                     "an array of objects in nearly every message: a row for each of its elements may be what you want "
                     "(`each`); the file has it as a comment"});
}

}  // namespace

Proposal propose(Sample& sample, Analysis& analysis, const ProposeOptions& options) {
    Proposal proposal;
    proposal.pipeline = pipeline_name(options);
    proposal.queue = options.queue;
    proposal.notes = analysis.notes;
    for (const auto& part : analysis.parts) {
        proposal.routes.push_back(route_for(sample, analysis, part, options, proposal.notes));
        note_emails(part, proposal.routes.back(), proposal.notes);
    }
    proposal.several = analysis.kinds.has_value();
    if (proposal.several) add_further(analysis, options.table, proposal);
    if (proposal.several) merge_routes(proposal.routes);
    for (auto& route : proposal.routes) {
        const auto usable = std::ranges::any_of(route.columns, &ProposedColumn::active);
        if (!usable) {
            route.active = !proposal.several;
            proposal.notes.push_back({Weight::Error, "nothing_to_map", "table " + pg::shown(route.table),
                                      "no column of it takes anything from the messages: is it the right table, and "
                                      "the right queue?"});
        }
        note_personal(route, proposal.notes);
        note_each(route, proposal.notes);
    }
    return proposal;
}

Compiled compile(const Proposal& proposal) {
    Compiled compiled;
    compiled.options.name = proposal.pipeline;
    compiled.options.queue = proposal.queue;
    for (const auto& route : proposal.routes) {
        if (!route.active) continue;
        pipeline::Route made;
        made.when = route.when;
        made.table = route.table;
        // What is not mapped was judged when the columns were chosen.
        pg::TableShape table = route.live;
        if (!route.table_exists) table.name = route.table;
        table.columns.clear();
        for (const auto& column : route.columns) {
            if (!column.active) continue;
            made.columns.push_back(column.rule);
            table.columns.push_back(column.column);
        }
        compiled.options.routes.push_back(std::move(made));
        compiled.tables.push_back(std::move(table));
    }
    return compiled;
}

}  // namespace sqs2pg::infer
