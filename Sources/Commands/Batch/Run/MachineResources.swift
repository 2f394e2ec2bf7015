import Foundation

/// What this process may use of the machine: fewer processors and less memory than there are, where a
/// scheduler or a container says so.
struct MachineResources: Sendable, Equatable {
    /// Processors that it may run on at once, at least 1.
    var processors: Int
    /// Bytes of memory that are free for it.
    var memoryBytes: Int

    /// What the system says now.
    static func now() -> MachineResources {
        MachineResources(
            root: "", online: max(ProcessInfo.processInfo.activeProcessorCount, 1))
    }

    /// - Parameters:
    ///   - root: stands before `/proc` and `/sys`.
    ///   - online: processors of the machine.
    init(root: String, online: Int) {
        let affinity = min(Self.affinity(root: root) ?? online, online)
        let group = ControlGroup(root: root)
        processors = max(1, min(affinity, group.processors ?? affinity))
        let available = Self.available(root: root)
        memoryBytes = min(group.memoryBytes ?? .max, available ?? .max)
        // A system that tells neither is no reason to do nothing.
        if memoryBytes == .max { memoryBytes = 1 << 31 }
    }

    /// Processors that the process may be scheduled on, from the mask in `/proc/self/status`: the
    /// system's header keeps the call for it from Swift.
    private static func affinity(root: String) -> Int? {
        let text = try? String(contentsOfFile: root + "/proc/self/status", encoding: .utf8)
        let name = "Cpus_allowed:"
        let line = text?.split(separator: "\n").first { $0.hasPrefix(name) }
        guard let mask = line?.dropFirst(name.count) else { return nil }
        let count = mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        return count > 0 ? count : nil
    }

    /// `MemAvailable`, in bytes.
    private static func available(root: String) -> Int? {
        let text = try? String(contentsOfFile: root + "/proc/meminfo", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let words = line?.split(separator: " ") ?? []
        guard words.count >= 2, let kibibytes = Int(words[1]), kibibytes < 1 << 50 else {
            return nil
        }
        return kibibytes * 1024
    }
}

/// The limits of the control groups that a process is in, of either version.
private struct ControlGroup {
    /// Whole processors; nil without a limit.
    private(set) var processors: Int?
    /// nil without a limit.
    private(set) var memoryBytes: Int?

    init(root: String) {
        let text = try? String(contentsOfFile: root + "/proc/self/cgroup", encoding: .utf8)
        for line in (text ?? "").split(separator: "\n") {
            let parts = line.split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false
            ).map(String.init)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",").map(String.init)
            if controllers.isEmpty { readUnified(root + "/sys/fs/cgroup", parts[2]) }
            if controllers.contains("cpu") {
                for mount in ["cpu", parts[1]] {
                    readCPU(root + "/sys/fs/cgroup/" + mount, parts[2])
                }
            }
            if controllers.contains("memory") {
                readMemory(root + "/sys/fs/cgroup/memory", parts[2])
            }
        }
    }

    /// Version 2: `cpu.max` is "quota period" in microseconds, or "max period".
    private mutating func readUnified(_ mount: String, _ path: String) {
        for folder in Self.folders(mount, path) {
            let words = Self.words(folder + "/cpu.max")
            if words.count == 2 { limitProcessors(words[0], words[1]) }
            limitMemory(Self.words(folder + "/memory.max").first)
        }
    }

    private mutating func readCPU(_ mount: String, _ path: String) {
        for folder in Self.folders(mount, path) {
            let quota = Self.words(folder + "/cpu.cfs_quota_us").first
            let period = Self.words(folder + "/cpu.cfs_period_us").first
            if let quota, let period { limitProcessors(quota, period) }
        }
    }

    private mutating func readMemory(_ mount: String, _ path: String) {
        for folder in Self.folders(mount, path) {
            limitMemory(Self.words(folder + "/memory.limit_in_bytes").first)
        }
    }

    /// A quota of less than one processor still lets one thread run.
    private mutating func limitProcessors(_ quota: String, _ period: String) {
        guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else {
            return
        }
        processors = min(processors ?? .max, max(1, quota / period))
    }

    private mutating func limitMemory(_ text: String?) {
        // Version 1 says "no limit" by a number that no machine has.
        guard let bytes = text.flatMap({ Int($0) }), bytes > 0, bytes < 1 << 60 else { return }
        memoryBytes = min(memoryBytes ?? .max, bytes)
    }

    /// The group's folder and those around it, whose limits hold too; in a container the path may be the host's.
    private static func folders(_ mount: String, _ path: String) -> [String] {
        let parts = path.split(separator: "/").map(String.init)
        return (0...parts.count).map { ([mount] + parts.prefix($0)).joined(separator: "/") }
    }

    private static func words(_ file: String) -> [String] {
        let text = try? String(contentsOfFile: file, encoding: .utf8)
        return (text ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
