// A string that must not be seen: wiped when destroyed, printed as "[secret]" by fmt and streams, never implicitly
// converted.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace sqs2pg {

class Secret {
   public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret() { wipe(); }

    // The only way to the value; the name makes every use easy to find and to review.
    std::string_view reveal() const noexcept { return value_; }
    bool empty() const noexcept { return value_.empty(); }

   private:
    void wipe() noexcept;

    std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "[secret]"; }
inline std::string_view format_as(const Secret&) { return "[secret]"; }

}  // namespace sqs2pg
