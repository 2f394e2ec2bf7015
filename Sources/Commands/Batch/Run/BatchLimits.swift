/// What a batch may use at once.
struct BatchLimits: Sendable, Equatable {
    /// Threads that compute, of all tasks together.
    var threads: Int
    /// Bytes, of the open model and all tasks together.
    var memoryBytes: Int

    /// The share of the free memory that is used where the job does not say how much: the system, and
    /// what the estimates miss, need some.
    private static let share = 0.8

    /// What a job says, else what the machine has.
    init(_ limits: JobLimits, machine: MachineResources) {
        threads = limits.threads ?? machine.processors
        memoryBytes =
            limits.memoryMiB.map { $0 << 20 } ?? Int(Double(machine.memoryBytes) * Self.share)
    }

    init(threads: Int, memoryBytes: Int) {
        self.threads = threads
        self.memoryBytes = memoryBytes
    }
}
