// The pipeline's verdict on the sample, see judge.h.
#include "infer/judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "pipeline/column_plan.h"
#include "pipeline/decode.h"
#include "pipeline/map.h"
#include "privacy/keyring.h"

namespace sqs2pg::infer {

namespace {

std::string_view plural(std::size_t count) { return count == 1 ? "" : "s"; }

std::vector<pipeline::Convert> conversions_for(pg::TypeClass type, const Place& place) {
    using enum pg::TypeClass;
    using pipeline::Convert;
    switch (type) {
        case Int2:
        case Int4:
        case Int8:
        case Numeric:
            return {Convert::Trim, Convert::MajorVersion};
        case Date:
        case Timestamp:
        case TimestampTz:
            // Milliseconds taken for seconds are beyond the year 9999; seconds taken for milliseconds are 1970.
            if (place.values.greatest < 100'000'000'000 && place.values.numbers > 0) return {Convert::EpochSeconds};
            return {Convert::EpochSeconds, Convert::EpochMillis, Convert::Trim};
        case Json:
        case Jsonb:
            return {Convert::Json};
        case Text:
        case Varchar:
            return place.values.objects + place.values.arrays > 0 ? std::vector{Convert::Json} : std::vector<Convert>{};
        case Uuid:
        case Inet:
        case Cidr:
        case Bool:
        case Macaddr:
            return {Convert::Trim};
        case Enum:
            return {Convert::Lower, Convert::Upper, Convert::Trim};
        default:
            return {};
    }
}

void note_findings(const Compiled& compiled, const privacy::Keyring& keyring, Proposal& proposal) {
    for (std::size_t i = 0; i < compiled.tables.size(); ++i) {
        const auto& route = compiled.options.routes[i];
        for (const auto& finding : pipeline::check_rules(route, compiled.tables[i], &keyring)) {
            proposal.notes.push_back({finding.error ? Weight::Error : Weight::Warning, finding.code,
                                      "table " + pg::shown(route.table), finding.sentence});
        }
    }
}

}  // namespace

Verdict judge_rule(Sample& sample, const std::vector<std::uint32_t>& messages, const pipeline::ColumnRule& rule,
                   const pg::Column& column) {
    auto nullable = column;
    nullable.not_null = false;  // nulls are counted, not refused
    pipeline::ColumnPlan plan(rule, nullable, false, 0);
    pipeline::Decoder decoder({rule.from.path});
    Verdict verdict;
    std::map<std::string, std::uint32_t> refusals;
    for (const auto number : messages) {
        auto& message = sample.messages()[number];
        const auto values = decoder.decode(message.body);
        if (!values) continue;
        const auto kind = values->front().kind;
        if (kind == pipeline::JsonKind::Absent) {
            ++verdict.absent;
            continue;
        }
        ++verdict.present;
        if (kind == pipeline::JsonKind::Null) {
            ++verdict.nulls;
            continue;
        }
        pipeline::MappedField field;
        const auto refused = plan.map({message, *values, message.body, {}}, field);
        if (!refused) {
            ++verdict.fits;
        } else if (++refusals[refused->reason] >= refusals[verdict.refused]) {
            verdict.refused = refused->reason;
        }
    }
    return verdict;
}

pipeline::Convert best_conversion(Sample& sample, const std::vector<std::uint32_t>& messages,
                                  const pipeline::ColumnRule& rule, const pg::Column& column, const Place& place) {
    const auto plain = judge_rule(sample, messages, rule, column);
    auto best = pipeline::Convert::None;
    auto most = plain.fits;
    if (plain.fits == plain.present - plain.nulls) return best;
    for (const auto conversion : conversions_for(column.type, place)) {
        auto converted = rule;
        converted.convert = conversion;
        const auto verdict = judge_rule(sample, messages, converted, column);
        if (verdict.fits <= most) continue;
        most = verdict.fits;
        best = conversion;
    }
    return best;
}

void judge_proposal(Sample& sample, const Analysis& analysis, Proposal& proposal) {
    const auto keyring = privacy::Keyring::generate();
    const auto compiled = compile(proposal);
    note_findings(compiled, keyring, proposal);
    auto stage = pipeline::MapStage::make(compiled.options, compiled.tables, keyring);
    if (!stage) return;  // said by the findings
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < proposal.routes.size(); ++i) {
        if (proposal.routes[i].active) active.push_back(i);
    }
    for (const auto number : active) {
        auto& route = proposal.routes[number];
        std::map<std::pair<std::string, std::string>, std::uint32_t> reasons;
        std::uint32_t judged = 0;
        for (const auto& part : analysis.parts) {
            const bool own = part.kind.values.empty() || route.when.empty() ||
                             std::ranges::find(route.when.front().values, part.kind.values.front()) !=
                                 route.when.front().values.end();
            if (!own) continue;
            for (const auto index : part.messages) {
                ++judged;
                auto row = stage->transform(sample.messages()[index]);
                if (row) continue;
                ++route.dead;
                ++reasons[{row.error().reason, row.error().place}];
            }
        }
        const auto weight = route.dead * 2 > judged ? Weight::Error : Weight::Warning;
        for (const auto& [why, count] : reasons) {
            proposal.notes.push_back(
                {weight, "dead_letters", "table " + pg::shown(route.table),
                 fmt::format("{} of {} message{} would become dead letters: {} ({}); `sqs2pg preview` shows them one "
                             "by one",
                             count, judged, plural(judged), why.first, why.second)});
        }
    }
}

}  // namespace sqs2pg::infer
