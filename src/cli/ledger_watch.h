// The size of the ledger for sqs2pg_ledger_bytes, looked at now and then on a connection of its own.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "cli/run_context.h"

namespace sqs2pg::cli {

class LedgerWatch {
   public:
    // Looks until stop(). Everything borrowed outlives the control loop's last turn.
    LedgerWatch(boost::asio::io_context& control, PipelineContext context);
    ~LedgerWatch();
    LedgerWatch(const LedgerWatch&) = delete;
    LedgerWatch& operator=(const LedgerWatch&) = delete;

    void stop();

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sqs2pg::cli
