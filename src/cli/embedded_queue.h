// The embedded queue on a thread and a loopback port of its own, for the demo.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace sqs2pg::cli {

class EmbeddedQueue {
   public:
    // Serves a queue of that name until destroyed. Configuration error when no port can be had.
    static Result<std::unique_ptr<EmbeddedQueue>> start(const std::string& queue_name);
    ~EmbeddedQueue();
    EmbeddedQueue(const EmbeddedQueue&) = delete;
    EmbeddedQueue& operator=(const EmbeddedQueue&) = delete;

    const std::string& url() const;  // of the server: "http://127.0.0.1:38123"

   private:
    struct Impl;
    explicit EmbeddedQueue(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::cli
