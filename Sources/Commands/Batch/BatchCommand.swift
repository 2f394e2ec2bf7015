package import ArgumentParser
import Foundation
import OrderedJSON
import Workers

/// `prune batch`: makes what a job file asks for, and fills a store.
package struct BatchCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Prune several models for many profiles, as a job file says, into a store.",
        discussion: """
            prune batch nightly.yaml --store variants

            What the store already holds for the same inputs is not made again. Ends with status 1 if a variant \
            misses its budget or a gate; what goes wrong with one variant leaves the others whole. \
            docs/batch.md describes the job file, and how one job runs in many places at once.
            """)

    @Argument(help: "The job file.", completion: .file(extensions: ["yaml", "yml"]))
    var job: String

    @Option(
        help: ArgumentHelp(
            "The store's folder; ESPALIER_STORE or the job's own by default.", valueName: "folder"),
        completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp(
            "The part of the job to do: i/n, or auto or auto/n to take i from Slurm, Kubernetes or GitLab.",
            valueName: "part"))
    var shard: String?

    @Option(help: ArgumentHelp("Threads that may compute; in place of the job's.", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp("Memory in MiB that may be used; in place of the job's.", valueName: "n")
    )
    var memoryMib: Int?

    @Option(
        help: ArgumentHelp("Write the results as JUnit XML, too.", valueName: "file"),
        completion: .file())
    var junit: String?

    @Option(
        help: ArgumentHelp(
            "Write a summary in Markdown, too; appended where it is $GITHUB_STEP_SUMMARY.",
            valueName: "file"),
        completion: .file())
    var markdown: String?

    @Flag(help: "List the variants and what the store holds; make nothing.")
    var dryRun = false

    @Flag(name: [.long, .short], help: "Show no progress.")
    var quiet = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads): must be from 1 to 1024.")
        }
        if let memoryMib, !(16...16_777_216).contains(memoryMib) {
            throw ValidationError("--memory-mib \(memoryMib): must be from 16 to 16777216.")
        }
    }

    package func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let job = try JobFile(path: job)
        let shard = try shard.map { try Shard($0, environment: environment) } ?? .whole
        let store = try storePath(of: job, environment: environment)
        let files = ReportFiles(
            junit: junit, markdown: markdown, stepSummary: environment["GITHUB_STEP_SUMMARY"])
        try files.check()
        let limits = BatchLimits(
            JobLimits(
                memoryMiB: memoryMib ?? job.limits.memoryMiB,
                threads: threads ?? job.limits.threads),
            machine: .now())
        Workers.limit(to: limits.threads)
        let log = BatchLog(isQuiet: quiet || format == .json)
        let run = BatchRun(
            job: job, shard: shard,
            worker: try Self.worker(for: job, store: store, isDryRun: dryRun), limits: limits,
            log: log, isDryRun: dryRun)
        var report = run.run()
        report.store = store
        try files.write(report)
        switch format {
        case .text: for line in report.lines { print(line) }
        case .json: print(report.json.text(indent: 2))
        }
        guard report.status == .done else {
            throw CommandFailure(report.status, report.failures.joined(separator: "\n"))
        }
    }

    /// The store that the command line, the environment or the job names, in this order.
    private func storePath(of job: JobFile, environment: [String: String]) throws -> String {
        let named = environment["ESPALIER_STORE"].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = store ?? named ?? job.store else {
            throw CommandFailure(
                .usage,
                "\(job.path): no store is named; give --store, ESPALIER_STORE or the job's key 'store'"
            )
        }
        return path
    }
}
