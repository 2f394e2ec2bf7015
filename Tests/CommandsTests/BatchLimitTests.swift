import Foundation
import Testing

@testable import Commands

/// What a process may use of its machine.
@Suite struct BatchLimitTests {
    /// A tree of `/proc` and `/sys` with these files.
    private func resources(_ files: [String: String], online: Int = 8) throws -> MachineResources {
        let root = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return MachineResources(root: root.path, online: online)
    }

    private let memory = ["proc/meminfo": "MemTotal: 32 kB\nMemAvailable:    8388608 kB\n"]

    @Test func withoutControlGroups() throws {
        let found = try resources(memory)
        #expect(found.processors == 8)
        #expect(found.memoryBytes == 8 << 30)
    }

    @Test func fewerProcessorsThanThereAre() throws {
        let status = ["proc/self/status": "Name: x\nCpus_allowed:\tff,00000003\n"]
        #expect(try resources(status, online: 64).processors == 10)
        #expect(try resources(status, online: 4).processors == 4)
    }

    @Test func versionTwoAndTheGroupsAround() throws {
        let found = try resources(
            memory.merging([
                "proc/self/cgroup": "0::/pods/one\n",
                "sys/fs/cgroup/pods/cpu.max": "250000 100000\n",
                "sys/fs/cgroup/pods/one/cpu.max": "max 100000\n",
                "sys/fs/cgroup/pods/memory.max": "max\n",
                "sys/fs/cgroup/pods/one/memory.max": "1073741824\n",
            ]) { $1 })
        #expect(found.processors == 2)
        #expect(found.memoryBytes == 1 << 30)
    }

    @Test func versionOneInAContainer() throws {
        let found = try resources(
            memory.merging([
                "proc/self/cgroup": "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n",
            ]) { $1 })
        #expect(found.processors == 1)
        #expect(found.memoryBytes == 512 << 20)
    }

    @Test func versionOneWithoutALimit() throws {
        let found = try resources(
            memory.merging([
                "proc/self/cgroup": "5:cpu:/\n4:memory:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            ]) { $1 })
        #expect(found == MachineResources(root: "/nowhere", online: 8).with(memoryBytes: 8 << 30))
    }

    @Test func nonsenseIsNoLimit() throws {
        let found = try resources([
            "proc/self/cgroup": "x\n0::\n:::\n", "sys/fs/cgroup/cpu.max": "0 0\n",
            "sys/fs/cgroup/memory.max": "-5\n", "proc/meminfo": "MemAvailable: much\n",
        ])
        #expect(found.processors == 8)
        #expect(found.memoryBytes > 0)
    }

    @Test func thisMachine() {
        let now = MachineResources.now()
        #expect(now.processors >= 1)
        #expect(now.memoryBytes > 1 << 20)
    }

    @Test func aJobMaySayLess() {
        let machine = MachineResources(root: "/nowhere", online: 8).with(memoryBytes: 1000)
        #expect(
            BatchLimits(JobLimits(), machine: machine) == BatchLimits(threads: 8, memoryBytes: 800))
        #expect(
            BatchLimits(JobLimits(memoryMiB: 2, threads: 3), machine: machine)
                == BatchLimits(threads: 3, memoryBytes: 2 << 20))
    }
}

extension MachineResources {
    fileprivate func with(memoryBytes: Int) -> MachineResources {
        var copy = self
        copy.memoryBytes = memoryBytes
        return copy
    }
}
