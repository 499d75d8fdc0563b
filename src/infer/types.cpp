// From statistics to a type, see types.h.
#include "infer/types.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "infer/names.h"

namespace sqs2pg::infer {

namespace {

using enum pg::TypeClass;

constexpr std::int64_t kSmall = 10'000'000;          // more may outgrow an integer one day
constexpr std::int64_t kFirstSecond = 631'152'000;   // 1990
constexpr std::int64_t kLastSecond = 4'102'444'800;  // 2100

std::string_view sql_name(pg::TypeClass type) {
    switch (type) {
        case Int4:
            return "integer";
        case Int8:
            return "bigint";
        case Numeric:
            return "numeric";
        case Float8:
            return "double precision";
        case Bool:
            return "boolean";
        case Uuid:
            return "uuid";
        case Date:
            return "date";
        case Timestamp:
            return "timestamp";
        case TimestampTz:
            return "timestamptz";
        case Inet:
            return "inet";
        case Macaddr:
            return "macaddr";
        case Jsonb:
            return "jsonb";
        default:
            return "text";
    }
}

ProposedType plain(pg::TypeClass type, std::string remark = {}) { return {column_of(type), {}, std::move(remark)}; }

ProposedType for_numbers(const Values& values) {
    if (values.exponents) return plain(Float8, "numbers with exponents");
    if (!values.whole) return plain(Numeric);
    if (values.beyond_bigint) return plain(Numeric, "whole numbers beyond a bigint");
    return plain(values.least > -kSmall && values.greatest < kSmall ? Int4 : Int8);
}

ProposedType for_strings(const Values& values) {
    const auto texts = values.strings;
    if (values.no_text > 0) {
        return plain(
            Text, fmt::format("{} of {} hold a NUL or half a character, which no column takes", values.no_text, texts));
    }
    constexpr auto kTypes = std::to_array<std::pair<Form, pg::TypeClass>>({{Form::Uuid, Uuid},
                                                                           {Form::Date, Date},
                                                                           {Form::TimestampTz, TimestampTz},
                                                                           {Form::Timestamp, Timestamp},
                                                                           {Form::Mac, Macaddr},
                                                                           {Form::Boolean, Bool}});
    for (const auto& [form, type] : kTypes) {
        if (values.count(form) == texts) return plain(type);
    }
    if (values.count(Form::Ipv4) + values.count(Form::Ipv6) == texts) return plain(Inet);
    return plain(Text, fmt::format("up to {} characters", values.longest));
}

ProposedType for_elements(const Place& place) {
    const auto& elements = place.elements->values;
    const bool scalars_only = elements.objects == 0 && elements.arrays == 0;
    if (!scalars_only || elements.scalars() == 0) return plain(Jsonb);
    const int kinds = (elements.booleans > 0) + (elements.numbers > 0) + (elements.strings > 0);
    auto element = kinds > 1              ? plain(Text)
                   : elements.numbers > 0 ? for_numbers(elements)
                   : elements.strings > 0 ? for_strings(elements)
                                          : plain(Bool);
    ProposedType type;
    type.column.type = Array;
    type.column.type_name = element.column.type_name + "[]";
    type.column.sql_type = type.column.type_name;
    type.column.element = std::make_shared<const pg::Column>(element.column);
    return type;
}

bool names_time(const std::vector<std::string>& words) {
    constexpr auto kTimes = std::to_array<std::string_view>({"time", "create", "update", "expire", "expiry", "since",
                                                             "until", "start", "end", "epoch", "when", "zeit", "datum",
                                                             "fecha", "heure", "timems", "seen", "login"});
    return std::ranges::any_of(usual_words(words), [&](const auto& word) {
        return std::ranges::find(kTimes, word) != kTimes.end() || word.ends_with("time") || word.ends_with("timestamp");
    });
}

}  // namespace

pg::Column column_of(pg::TypeClass type) {
    pg::Column column;
    column.type = type;
    column.type_name = sql_name(type);
    column.sql_type = column.type_name;
    return column;
}

pipeline::Convert epoch_of(const Place& place) {
    const auto& values = place.values;
    if (values.numbers == 0 || values.scalars() != values.numbers || values.beyond_bigint || values.exponents)
        return {};
    if (!names_time(words_of(place.name))) return {};
    if (values.least > values.greatest) return {};  // fractions only
    if (values.least >= kFirstSecond && values.greatest <= kLastSecond) return pipeline::Convert::EpochSeconds;
    if (values.whole && values.least >= kFirstSecond * 1000 && values.greatest <= kLastSecond * 1000) {
        return pipeline::Convert::EpochMillis;
    }
    return {};
}

ProposedType type_for(const Place& place) {
    const auto& values = place.values;
    const int kinds = (values.booleans > 0) + (values.numbers > 0) + (values.strings > 0);
    if (values.objects + values.arrays > 0 && values.scalars() > 0) {
        auto type = plain(Jsonb, "objects or arrays in some messages, plain values in others");
        type.convert = pipeline::Convert::Json;
        return type;
    }
    if (values.objects > 0) {
        return plain(Jsonb, place.cut       ? "nested too deeply to be looked at"
                            : is_map(place) ? "a map: the names in it are data, so that they are no columns"
                                            : "an object");
    }
    if (values.arrays > 0) {
        if (!place.elements) return plain(Jsonb, place.cut ? "nested too deeply to be looked at" : "empty arrays only");
        return for_elements(place);
    }
    if (kinds == 0) return plain(Text, "null in every message");
    if (kinds > 1) return plain(Text, "values of different types");
    if (values.booleans > 0) return plain(Bool);
    if (values.strings > 0) return for_strings(values);
    if (const auto epoch = epoch_of(place); epoch != pipeline::Convert::None) {
        auto type = plain(TimestampTz);
        type.convert = epoch;
        return type;
    }
    auto type = for_numbers(values);
    const auto words = words_of(place.name);
    const bool counts_up = !words.empty() && (words.back() == "id" || words.back() == "number" || words.back() == "no");
    if (counts_up && type.column.type == Int4) return plain(Int8);  // it grows
    return type;
}

}  // namespace sqs2pg::infer
