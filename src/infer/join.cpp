// Columns of a live table from places in messages, see columns.h.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "infer/columns.h"
#include "infer/judge.h"
#include "infer/matching.h"
#include "infer/names.h"

namespace sqs2pg::infer {

namespace {

class Join {
   public:
    Join(Sample& sample, const Analysis::Part& part, const pg::TableShape& table, ProposedRoute& route,
         std::vector<Note>& notes)
        : sample_(sample),
          part_(part),
          table_(table),
          route_(route),
          notes_(notes),
          leaves_(leaves_of(part.profile, true)),
          table_words_(words_of(table.name.table)) {}

    void run() {
        for (const auto& column : table_.columns) {
            if (column.generated) {
                leave(column, "computed by the database");
            } else {
                take(column);
            }
        }
        for (const auto& leaf : leaves_) {
            const bool inside =
                std::ranges::any_of(used_, [&](const auto* place) { return lies_in(*leaf.place, *place); });
            const bool structure = leaf.place->values.objects > 0 && !is_map(*leaf.place);
            if (inside || structure) continue;
            const bool secret = leaf.spotted && leaf.spotted->kind == Personal::Secret;
            route_.unmapped_paths.emplace_back(leaf.path,
                                               secret ? "looks like a secret, and has no column" : "has no column");
        }
    }

   private:
    static bool lies_in(const Place& place, const Place& other) {
        for (const auto* at = &place; at != nullptr; at = at->parent) {
            if (at == &other) return true;
        }
        return false;
    }

    void note(Weight weight, std::string code, const pg::Column& column, std::string sentence) {
        notes_.push_back({weight, std::move(code), fmt::format("column {}.{}", pg::shown(table_.name), column.name),
                          std::move(sentence)});
    }

    void leave(const pg::Column& column, std::string why) {
        route_.unmapped_columns.emplace_back(column.name, std::move(why));
    }

    // The likeliest place; of two alike ones that whose values fit better.
    const Leaf* place_for(const pg::Column& column, const ColumnWords& words) {
        const Leaf* best = nullptr;
        std::pair<int, std::uint32_t> most{0, 0};
        for (const auto& leaf : leaves_) {
            const int alike = likeness(words, leaf, table_words_);
            if (alike < kAlikeEnough || alike < most.first) continue;
            pipeline::ColumnRule rule;
            rule.from = source_of(*leaf.place);
            rule.convert = best_conversion(sample_, part_.messages, rule, column, *leaf.place);
            const std::pair rank{alike, judge_rule(sample_, part_.messages, rule, column).fits};
            if (best != nullptr && rank <= most) continue;
            best = &leaf;
            most = rank;
        }
        return best;
    }

    void take(const pg::Column& live) {
        const auto words = words_of_column(live.name);
        const auto* leaf = place_for(live, words);
        if (leaf == nullptr) return without_place(live);
        ProposedColumn column;
        column.rule.column = live.name;
        column.column = live;
        column.rule.from = source_of(*leaf->place);
        column.spotted = leaf->spotted;
        used_.push_back(leaf->place);
        column.remarks.push_back(live.type_name + (live.not_null ? ", never null" : ""));
        const bool sure = leaf->spotted && leaf->spotted->sure;
        if (sure || words.says_masked) {
            mask(*leaf, words, column);
        } else {
            plain(*leaf, column);
        }
        presence(*leaf, column);
        route_.columns.push_back(std::move(column));
    }

    void mask(const Leaf& leaf, const ColumnWords& words, ProposedColumn& column) {
        const auto& live = column.column;
        const bool sure = leaf.spotted && leaf.spotted->sure;
        std::optional<MaskProposal> proposed;
        if (sure) {
            column.remarks.push_back("looks like " + reason_for(*leaf.spotted));
            proposed = mask_for(leaf.spotted->kind, live.type);
        } else {
            column.remarks.emplace_back("masked, as the column's name says");
            proposed = mask_for(Personal::Name, live.type);
            if (proposed) proposed->mask.domain = column_name(joined(words.words, "_"));
        }
        if (proposed && (!proposed->drop || !live.not_null)) {
            set_mask(column, *proposed);
            if (!proposed->alternative.empty()) column.remarks.push_back("or " + proposed->alternative);
            return;
        }
        column.active = false;
        if (!live.not_null || live.has_default) {
            note(Weight::Warning, "mask_column_type", live,
                 fmt::format("{} looks personal, and a column of type {} holds no masked value: it stands in the file "
                             "as a comment; make the column text, or take the comment away to write the value as it is",
                             leaf.path, live.type_name));
        } else {
            note(Weight::Error, "mask_column_type", live,
                 fmt::format("{} looks personal, a column of type {} holds no masked value, and this one is NOT NULL "
                             "without a DEFAULT: make it text, or allow NULL",
                             leaf.path, live.type_name));
        }
    }

    void plain(const Leaf& leaf, ProposedColumn& column) {
        column.rule.convert = best_conversion(sample_, part_.messages, column.rule, column.column, *leaf.place);
        if (leaf.spotted) {
            column.remarks.push_back("may be " + reason_for(*leaf.spotted) + ": mask it then");
        }
        if (!leaf.personal_below.empty()) {
            column.active = false;
            column.remarks.push_back(
                fmt::format("holds what looks personal, unmasked: {}", fmt::join(leaf.personal_below, ", ")));
            note(
                Weight::Warning, "personal_inside", column.column,
                fmt::format("{} holds what looks personal ({}), which would be written as it is: it stands in the file "
                            "as a comment",
                            leaf.path, fmt::join(leaf.personal_below, ", ")));
        }
        const auto verdict = judge_rule(sample_, part_.messages, column.rule, column.column);
        const auto wrong = verdict.present - verdict.nulls - verdict.fits;
        if (wrong > 0) column.remarks.push_back(fmt::format("{} of {} do not fit", wrong, verdict.present));
    }

    void presence(const Leaf& leaf, ProposedColumn& column) {
        const auto messages = part_.profile.messages();
        const auto absent = messages - leaf.place->messages;
        const auto nulls = leaf.place->values.nulls;
        if (absent > 0 && !column.column.not_null) column.rule.optional = true;
        if (absent > 0) column.remarks.push_back(fmt::format("absent in {} of {}", absent, messages));
        if (nulls > 0) column.remarks.push_back(fmt::format("null in {} of {}", nulls, messages));
        if (!column.column.not_null || !column.active) return;
        if (absent + nulls == 0) return;
        note(
            Weight::Warning, "not_null", column.column,
            fmt::format("is NOT NULL, but {} is absent in {} and null in {} of {} messages, which become dead letters; "
                        "allow NULL, or give the rule a `default`",
                        leaf.path, absent, nulls, messages));
    }

    void without_place(const pg::Column& live) {
        const auto source = live.has_default ? std::nullopt : metadata_for(live);
        if (source && source->metadata == pipeline::Metadata::Body && personal_anywhere()) {
            return leave(live, "$body would write what looks personal as it is");
        }
        if (source) {
            ProposedColumn column;
            column.rule.column = live.name;
            column.rule.from = *source;
            column.column = live;
            column.remarks.push_back(live.type_name);
            route_.columns.push_back(std::move(column));
            return;
        }
        if (live.has_default) return leave(live, "keeps its DEFAULT");
        if (!live.not_null) return leave(live, "nothing in the messages is called so: it stays NULL");
        leave(live, "NOT NULL without a DEFAULT, and nothing in the messages is called so");
        note(Weight::Error, "column_without_source", live,
             "is NOT NULL without a DEFAULT, and nothing in the messages is called so: map it by hand (`from`, or "
             "`value` for a constant), give it a DEFAULT, or allow NULL");
    }

    bool personal_anywhere() const {
        return part_.profile.root().personal_names || std::ranges::any_of(leaves_, [](const Leaf& leaf) {
                   return (leaf.spotted && leaf.spotted->sure) || !leaf.personal_below.empty();
               });
    }

    Sample& sample_;
    const Analysis::Part& part_;
    const pg::TableShape& table_;
    ProposedRoute& route_;
    std::vector<Note>& notes_;
    std::vector<Leaf> leaves_;
    std::vector<std::string> table_words_;
    std::vector<const Place*> used_;
};

}  // namespace

void join_table(Sample& sample, const Analysis::Part& part, const pg::TableShape& table, ProposedRoute& route,
                std::vector<Note>& notes) {
    route.table_exists = true;
    route.live = table;
    Join(sample, part, table, route, notes).run();
}

}  // namespace sqs2pg::infer
