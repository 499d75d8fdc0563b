// Passwords from a secret, see secret_password.h.
#include "adapters/secret_password.h"

#include <algorithm>
#include <utility>

#include "secrets/value.h"

namespace sqs2pg::adapters {
namespace {

constexpr std::chrono::minutes kKept{5};
constexpr std::chrono::seconds kBetweenRefusals{10};

bool passes(const Error& error) { return error.kind == ErrorKind::Retry || error.kind == ErrorKind::Throttled; }

}  // namespace

SecretPassword::SecretPassword(std::unique_ptr<secrets::Reader> reader, secrets::Reference reference)
    : reader_(std::move(reader)), reference_(std::move(reference)) {}

awaitable<Result<Secret>> SecretPassword::password(boost::asio::any_io_executor executor, pg::PasswordFor) {
    const auto not_before = std::max(not_before_, reader_->clock().now() - kKept);
    auto held = co_await reader_->read(std::move(executor), reference_, not_before);
    if (!held) {
        auto older = reader_->newest(reference_);
        const bool good = older && older->asked_at >= not_before_;
        if (!good || !passes(held.error())) co_return fail(std::move(held.error()));
        held = std::move(older);
    }
    given_ = *held;
    co_return secrets::password_of(given_->fetched.value, reference_);
}

bool SecretPassword::refused() {
    if (!given_) return false;
    const auto newest = reader_->newest(reference_);
    const auto now = reader_->clock().now();
    if (newest && newest != given_) {
        not_before_ = newest->asked_at;
        return true;
    }
    if (now - given_->asked_at < kBetweenRefusals) return false;
    not_before_ = now;
    return true;
}

}  // namespace sqs2pg::adapters
