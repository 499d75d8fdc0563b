// What replies of AWS services, of metadata services and of credential processes hold: members of a JSON object,
// elements of a small XML document, times. Pure; nothing of the text stays behind when the values are gone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sqs2pg::aws {

// A JSON object, read once; its memory is wiped at the end.
class JsonReply {
   public:
    // Absent: `text` is no JSON object (or is nested deeper than 64).
    static std::optional<JsonReply> parse(std::string_view text);
    ~JsonReply();
    JsonReply(JsonReply&&) noexcept;
    JsonReply& operator=(JsonReply&&) noexcept;

    // A string at a path of member names, "roleCredentials.accessKeyId". Absent: no such member, or another type.
    std::optional<std::string> text(std::string_view path) const;
    std::optional<std::int64_t> number(std::string_view path) const;
    bool has(std::string_view path) const;

   private:
    struct Impl;
    explicit JsonReply(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The text of the first element of this name, without a namespace prefix or attributes, its entities resolved. Enough
// for STS and for S3's errors; absent when there is none or it holds elements.
std::optional<std::string> xml_text(std::string_view document, std::string_view element);

// Milliseconds since 1970 of "2026-11-25T10:00:00Z", also with a fraction, an offset, or "UTC" as old AWS CLIs write.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

}  // namespace sqs2pg::aws
