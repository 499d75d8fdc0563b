// Arbitrary bytes as a proxy's URL, as NO_PROXY and as a host: never a crash, never a character in a request line or
// header that does not belong there, and never the password in what is shown.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "aws/endpoint.h"
#include "aws/queue_name.h"
#include "net/proxy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sqs2pg;
    std::string text(reinterpret_cast<const char*>(data), size);
    auto half = text.substr(0, text.size() / 2);
    auto rest = text.substr(text.size() / 2);

    net::NoProxy no_proxy(half);
    bool first = no_proxy.matches(rest, 443);
    if (first != no_proxy.matches(rest, 443)) std::abort();
    (void)net::is_always_direct(rest);

    if (auto proxy = net::parse_proxy(text, "FUZZ")) {
        auto shown = proxy->shown();
        std::string header(proxy->authorization.reveal());
        auto printable = [](char c) { return c >= ' ' && c < '\x7f'; };
        if (!std::all_of(shown.begin(), shown.end(), printable)) std::abort();
        if (!std::all_of(header.begin(), header.end(), printable)) std::abort();
        if (shown.find('@') != shown.npos) std::abort();
        if (proxy->url.host.empty() || proxy->url.port == 0) std::abort();
    }
    net::ProxyRules rules(
        {.https = half, .https_from = "A", .http = rest, .http_from = "B", .no_proxy = rest, .no_proxy_from = "C"});
    if (auto url = net::parse_url("https://" + rest)) (void)rules.choose(*url);

    if (auto arn = aws::parse_queue_arn(text)) {
        if (arn->account.size() != 12 || arn->name.empty() || arn->region.empty()) std::abort();
    }
    aws::Endpoint s3;
    s3.url = net::Url{true, "s3.eu-west-1.amazonaws.com", 443, "/"};
    if (auto bucket = aws::bucket_url(s3, text)) {
        if (!net::parse_url(bucket->origin() + bucket->target)) std::abort();
        if (!bucket->host.ends_with("s3.eu-west-1.amazonaws.com")) std::abort();
    }
    return 0;
}
