// Arbitrary bytes as a URL: never a crash; what parses holds no character that could alter a request line or header,
// and parses again to the same parts.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "aws/canonical_request.h"
#include "aws/endpoint.h"
#include "net/url.h"
#include "sqs/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sqs2pg;
    std::string text(reinterpret_cast<const char*>(data), size);
    (void)sqs::queue_identity(text);
    (void)sqs::queue_name_of(text);
    (void)aws::resolve_endpoint({.region = {}, .endpoint_url = {}, .queue_url = text});
    auto url = net::parse_url(text);
    if (!url) return 0;
    auto again = net::parse_url(url->origin() + url->target);
    if (!again || again->host != url->host || again->port != url->port || again->target != url->target ||
        again->tls != url->tls) {
        std::abort();
    }
    for (char c : url->host + url->target) {
        if (c <= ' ' || c == '\x7f') std::abort();
    }
    std::string canonical;
    std::string names;
    aws::SignableRequest request{"POST", url->target, {}, ""};
    aws::append_canonical_request(request, canonical, names);
    return 0;
}
