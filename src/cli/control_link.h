// The process's line to what operators decide: one small connection a database, on which every pipeline's state is
// read, and the process's sign of life written, in one round trip every two seconds. Without an answer the pipelines go
// on as they are: they cannot write either. Lives on the control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "cli/run_context.h"
#include "pg/connection.h"
#include "pipeline/hold.h"

namespace sqs2pg::cli {

class ControlLink {
   public:
    // Told the present state once it is known, and each change: hold still, or (nullopt) go on and look again.
    using Obey = std::function<void(std::optional<pipeline::Hold>)>;

    // Everything borrowed outlives the control loop's last turn.
    ControlLink(boost::asio::io_context& control, const RunContext& context, pg::ConnectOptions options);
    ~ControlLink();
    ControlLink(const ControlLink&) = delete;
    ControlLink& operator=(const ControlLink&) = delete;

    // A pipeline of this process that writes to the link's database. The number is for release().
    std::uint64_t add(const std::string& pipeline, Obey obey);
    // Told nothing any more; `status` shows how it ended while the process lives. Does nothing when the pipeline has
    // been added anew since.
    void release(const std::string& pipeline, std::uint64_t seat);
    // The brake has tripped here: written to the database, now or as soon as it answers.
    void tripped(const std::string& pipeline, std::string detail);
    // The process ends: takes its lines away, if the database answers within two seconds.
    void stop();

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

// The links of a process, one a database, each made when it is first asked for.
class ControlLinks {
   public:
    ControlLinks(boost::asio::io_context& control, const RunContext& context) : control_(control), context_(context) {}

    ControlLink& of(const config::PostgresSettings& settings);
    void stop();

   private:
    boost::asio::io_context& control_;
    const RunContext& context_;
    std::map<std::string, std::unique_ptr<ControlLink>> links_;
};

// The report of a process as sqs2pg.report_process takes it, with the pipelines that `is_ours` names. Pure.
std::string process_report(const std::string& process_id, const ops::ProcessView& view,
                           const std::function<bool(const std::string&)>& is_ours);

}  // namespace sqs2pg::cli
