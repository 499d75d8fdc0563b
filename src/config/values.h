// Texts of single values to what they mean. Pure; nullopt: not of that form.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "pg/table_shape.h"

namespace sqs2pg::config {

// Digits only, up to 18 of them.
std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

// Seconds of 60, 90s, 2m, 1h.
std::optional<std::int64_t> parse_seconds(std::string_view text) noexcept;

// Bytes of 65536, 64KiB, 16MiB, 1GiB.
std::optional<std::int64_t> parse_bytes(std::string_view text) noexcept;

// `table`, `schema.table`, each bare or in double quotes (a quote in it doubled). Names are taken exactly as written.
std::optional<pg::TableName> parse_table(std::string_view text);

// PostgreSQL would silently cut a longer name.
inline constexpr std::size_t kMostIdentifierBytes = 63;

// More kinds of message than anybody has in one queue; each costs a look at its conditions.
inline constexpr std::size_t kMostRoutes = 200;

// Up to 80 letters, digits, `-` and `_`, with `.fifo` at the end or not.
bool valid_queue_name(std::string_view name) noexcept;

// arn:PARTITION:sqs:REGION:ACCOUNT:NAME
bool valid_queue_arn(std::string_view arn) noexcept;

// Of an assumed role: 2 to 64 letters, digits and any of _+=,.@-
bool valid_session_name(std::string_view name) noexcept;

// Up to 63 letters, digits, `_` and `-`; a `.` too where `dots` says so.
bool valid_name(std::string_view name, bool dots) noexcept;

// HOST:PORT with an IPv6 address in [ ], or "off".
bool valid_listen(std::string_view text) noexcept;

}  // namespace sqs2pg::config
