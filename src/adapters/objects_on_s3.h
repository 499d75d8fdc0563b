// The pipeline's ObjectPort on Amazon S3, or a server that speaks its protocol: GetObject and DeleteObject, signed as
// everything else. A bucket that turns out to be in another region is asked there from then on.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "aws/endpoint.h"
#include "aws/service_call.h"
#include "pipeline/ports.h"

namespace sqs2pg::adapters {

struct S3Options {
    enum class Addressing { Auto, Path, VirtualHost };

    aws::Endpoint endpoint;
    Addressing addressing = Addressing::Auto;
    std::vector<std::string> buckets;  // of the configuration: only these are named in errors, other names are data
    // S3's endpoint in another region; empty: there is only this endpoint.
    std::function<Result<aws::Endpoint>(const std::string& region)> endpoint_in;
};

// One call with its retries: operation ("GetObject"), outcome ("ok", "error", "throttled").
using S3Observer = std::function<void(std::string_view operation, std::string_view outcome)>;

class ObjectsOnS3 final : public pipeline::ObjectPort {
   public:
    // `service` outlives the port and every call of it.
    ObjectsOnS3(S3Options options, aws::ServiceClient& service, S3Observer observer = {})
        : options_(std::move(options)), service_(service), observer_(std::move(observer)) {}

    awaitable<Result<std::string>> fetch(pipeline::ObjectRef object, std::size_t most_bytes) override;
    awaitable<Status> remove(pipeline::ObjectRef object) override;

    // Whether the bucket is there and may be looked at (HeadBucket): for `check`.
    awaitable<Status> look_at(std::string bucket);

   private:
    // `bucket` and `key` are the caller's, which waits.
    awaitable<Result<aws::ServiceReply>> call(std::string method, std::string operation, std::string bucket,
                                              std::string key, std::size_t most_bytes);
    Result<aws::ServiceRequest> request_for(const std::string& method, const std::string& bucket,
                                            const std::string& key) const;
    Error judged(Error error, const std::string& operation, const std::string& bucket) const;

    S3Options options_;
    aws::ServiceClient& service_;
    S3Observer observer_;
    std::map<std::string, aws::Endpoint> elsewhere_;  // buckets of other regions
};

}  // namespace sqs2pg::adapters
