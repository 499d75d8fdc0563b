// Login messages made up from a seed: what `send --generate logins` and `demo` put into a queue. Users, devices and
// addresses come from pools in which few are busy and many are rare, so that equal values repeat as in real traffic.
// Pure; the same seed gives the same messages on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace sqs2pg::cli {

struct LoginOptions {
    std::uint64_t seed = 1;
    double malformed = 0;  // fraction of messages that cannot become a row, 0 to 1
};

class LoginGenerator {
   public:
    // What may be wrong with a malformed message.
    enum class Flaw { NotJson, OtherType, MissingField, WrongVersion, LongLocale, NulEscape };
    static constexpr int kFlaws = 6;

    explicit LoginGenerator(LoginOptions options);

    // The next message's body. More than 300,000 a second.
    std::string next();

    // So far.
    std::uint64_t well_formed() const noexcept { return well_formed_; }
    std::uint64_t flawed(Flaw flaw) const noexcept { return flawed_[static_cast<std::size_t>(flaw)]; }

   private:
    std::uint64_t draw() noexcept;
    double unit() noexcept;
    void append_flawed(std::string& out);

    LoginOptions options_;
    std::uint64_t state_;
    std::uint64_t well_formed_ = 0;
    std::uint64_t flaws_made_ = 0;
    std::array<std::uint64_t, kFlaws> flawed_{};
};

}  // namespace sqs2pg::cli
