/// A scheduler that starts the same job many times, and tells each process by its environment which one it is.
enum Scheduler: String, CaseIterable {
    case slurm = "SLURM_ARRAY_TASK_ID"
    case kubernetes = "JOB_COMPLETION_INDEX"
    case gitlab = "CI_NODE_INDEX"

    /// The shard that the environment tells.
    ///
    /// - Parameter count: how many shards there are, where the command line says so.
    /// - Throws: ``CommandFailure`` for variables that are missing or do not go together.
    static func shard(count: Int?, environment: [String: String]) throws -> Shard {
        let found = allCases.filter { environment[$0.rawValue] != nil }
        guard let scheduler = found.first else {
            let names = allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(
                .usage, "--shard auto: none of \(names) is set; give the shard as i/n")
        }
        guard found.count == 1 else {
            let names = found.map(\.rawValue).joined(separator: " and ")
            throw CommandFailure(
                .usage, "--shard auto: \(names) are all set; give the shard as i/n")
        }
        let variables = Variables(environment: environment)
        return switch scheduler {
        case .slurm: try slurm(count, variables)
        case .kubernetes: try kubernetes(count, variables)
        case .gitlab: try gitlab(count, variables)
        }
    }

    /// Array tasks have the identifiers MIN, MIN + STEP, ….
    private static func slurm(_ count: Int?, _ variables: Variables) throws -> Shard {
        let id = try variables.required(slurm.rawValue)
        let total = try variables.optional("SLURM_ARRAY_TASK_COUNT")
        guard let total, count == nil || count == total else {
            // A part of an array that is started again: identifiers say which part they are.
            guard let count else {
                throw CommandFailure(
                    .usage,
                    "--shard auto: SLURM_ARRAY_TASK_COUNT is not set; give the number of shards, as auto/4"
                )
            }
            return try Shard.checked(
                id, of: count, "--shard auto/\(count), \(slurm.rawValue)=\(id)")
        }
        let first = try variables.optional("SLURM_ARRAY_TASK_MIN") ?? 1
        let step = max(try variables.optional("SLURM_ARRAY_TASK_STEP") ?? 1, 1)
        if let last = try variables.optional("SLURM_ARRAY_TASK_MAX"),
            last - first != (total - 1) * step
        {
            throw CommandFailure(
                .usage,
                "--shard auto: the array has \(total) tasks from \(first) to \(last) in steps of \(step), which has gaps; "
                    + "number them without, or give the number of shards, as auto/4")
        }
        guard id >= first, (id - first) % step == 0 else {
            throw CommandFailure(
                .usage,
                "--shard auto: \(slurm.rawValue)=\(id) is not in an array that begins with \(first) in steps of \(step)"
            )
        }
        return try Shard.checked(
            (id - first) / step + 1, of: total, "--shard auto, \(slurm.rawValue)=\(id)")
    }

    /// Indexes count from 0; the job's manifest must pass their number on.
    private static func kubernetes(_ count: Int?, _ variables: Variables) throws -> Shard {
        let index = try variables.required(kubernetes.rawValue)
        let total = try variables.optional("JOB_COMPLETION_COUNT")
        guard let count = try agreed(count, total, "JOB_COMPLETION_COUNT") else {
            throw CommandFailure(
                .usage,
                "--shard auto: Kubernetes does not tell how many completions a job has; give the number, as auto/4, "
                    + "or set JOB_COMPLETION_COUNT")
        }
        return try Shard.checked(
            index + 1, of: count, "--shard auto, \(kubernetes.rawValue)=\(index)")
    }

    /// Indexes count from 1.
    private static func gitlab(_ count: Int?, _ variables: Variables) throws -> Shard {
        let index = try variables.required(gitlab.rawValue)
        let total = try variables.optional("CI_NODE_TOTAL")
        guard let count = try agreed(count, total, "CI_NODE_TOTAL") else {
            throw CommandFailure(
                .usage,
                "--shard auto: CI_NODE_TOTAL is not set; give the number of shards, as auto/4")
        }
        return try Shard.checked(index, of: count, "--shard auto, \(gitlab.rawValue)=\(index)")
    }

    /// One count where two say how many shards there are; nil where neither does.
    private static func agreed(_ given: Int?, _ told: Int?, _ name: String) throws -> Int? {
        if let given, let told, given != told {
            throw CommandFailure(
                .usage, "--shard auto/\(given): \(name) says \(told); leave one of them out")
        }
        return given ?? told
    }
}

extension Scheduler {
    /// Whole numbers in an environment.
    private struct Variables {
        let environment: [String: String]

        func optional(_ name: String) throws -> Int? {
            guard let text = environment[name], !text.isEmpty else { return nil }
            // Larger ones are nobody's, and could not be reckoned with.
            guard let number = Shard.number(text), number <= Int32.max else {
                throw CommandFailure(
                    .usage, "--shard auto: \(name) is '\(text)', not a whole number")
            }
            return number
        }

        func required(_ name: String) throws -> Int {
            guard let number = try optional(name) else {
                throw CommandFailure(.usage, "--shard auto: \(name) is empty")
            }
            return number
        }
    }
}
