// Which check judges which type, see checks.h.
#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

// Types that few columns have.
std::optional<Refusal> check_rare(const Column& column, std::string_view text) {
    switch (column.type) {
        case TypeClass::Macaddr:
            return check_macaddr(text);
        case TypeClass::Macaddr8:
            return check_macaddr8(text);
        case TypeClass::Bit:
            return check_bits(text, column.max_length, false);
        case TypeClass::Varbit:
            return check_bits(text, column.max_length, true);
        case TypeClass::Name:
            return check_name(text);
        case TypeClass::OneByte:
            return check_one_byte(text);
        case TypeClass::Oid:
            return check_oid(text);
        case TypeClass::PgLsn:
            return check_lsn(text);
        case TypeClass::Point:
        case TypeClass::Lseg:
        case TypeClass::Box:
        case TypeClass::Line:
        case TypeClass::Path:
        case TypeClass::Polygon:
        case TypeClass::Circle:
            return check_shape(text, column.type);
        case TypeClass::Enum:
            return check_enum(column, text);
        case TypeClass::Array:
            return check_array(column, text);
        case TypeClass::Range:
            return check_range(column, text);
        case TypeClass::Multirange:
            return check_multirange(column, text);
        case TypeClass::Composite:  // no rule may map it
            return Refusal::WrongType;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<Refusal> check_value(const Column& column, std::string_view text, bool known_json) {
    switch (column.type) {
        case TypeClass::Text:
        case TypeClass::Other:
            return std::nullopt;
        case TypeClass::Int2:
            return check_integer(text, 2);
        case TypeClass::Int4:
            return check_integer(text, 4);
        case TypeClass::Int8:
            return check_integer(text, 8);
        case TypeClass::Numeric:
            return check_numeric(text, column.precision, column.scale);
        case TypeClass::Float4:
            return check_float(text, true);
        case TypeClass::Float8:
            return check_float(text, false);
        case TypeClass::Bool:
            return check_bool(text);
        case TypeClass::Varchar:
        case TypeClass::Char:
            return check_length(text, column.max_length);
        case TypeClass::Uuid:
            return check_uuid(text);
        case TypeClass::Date:
            return check_moment(text, Moment::Date);
        case TypeClass::Time:
            return check_moment(text, Moment::Time);
        case TypeClass::TimeTz:
            return check_moment(text, Moment::TimeTz);
        case TypeClass::Timestamp:
            return check_moment(text, Moment::Timestamp);
        case TypeClass::TimestampTz:
            return check_moment(text, Moment::TimestampTz);
        case TypeClass::Interval:
            return check_interval(text, column.interval_fields);
        case TypeClass::Json:
            return known_json || is_json(text) ? std::nullopt : std::optional(Refusal::WrongType);
        case TypeClass::Jsonb:
            return known_json || is_json(text) ? check_jsonb(text) : std::optional(Refusal::WrongType);
        case TypeClass::Inet:
            return check_address(text, false);
        case TypeClass::Cidr:
            return check_address(text, true);
        case TypeClass::Bytea:
            return check_bytea(text);
        default:
            return check_rare(column, text);
    }
}

}  // namespace sqs2pg::pg
