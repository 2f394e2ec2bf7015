import Testing

@testable import Commands

/// Which part of a job a process does.
@Suite struct BatchShardTests {
    @Test(arguments: 1...12)
    func everyTaskIsInExactlyOneShard(count: Int) throws {
        for tasks in 0...40 {
            let all = Array(0..<tasks)
            let parts = (1...count).map { Array(Shard(index: $0, count: count).part(of: all)) }
            #expect(parts.flatMap(\.self) == all)
            let sizes = parts.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    private func shard(_ text: String, _ environment: [String: String] = [:]) throws -> Shard {
        try Shard(text, environment: environment)
    }

    private func refusal(_ text: String, _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try shard(text, environment)
            return nil
        } catch let failure as CommandFailure {
            return failure.status == .usage ? failure.message : "\(failure.status)"
        } catch { return "\(error)" }
    }

    @Test func written() throws {
        #expect(try shard("2/4") == Shard(index: 2, count: 4))
        #expect(try shard("1/1") == .whole)
        for text in [
            "", "2", "/", "2/", "/4", "a/4", "2/b", "1/2/3", "-1/4", "+1/4", "auto/", "2/4 ",
        ] {
            #expect(
                refusal(text) == "--shard \(text): must be i/n, as 2/4, or auto, or auto/n")
        }
        #expect(refusal("5/4") == "--shard 5/4: shard 5 is not among the shards 1 to 4")
        #expect(refusal("0/4") == "--shard 0/4: shard 0 is not among the shards 1 to 4")
        #expect(refusal("1/0") == "--shard 1/0: the number of shards must be from 1 to 10000")
    }

    @Test func slurm() throws {
        var array = [
            "SLURM_ARRAY_TASK_ID": "6", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_MAX": "8",
            "SLURM_ARRAY_TASK_STEP": "2", "SLURM_ARRAY_TASK_COUNT": "4",
        ]
        #expect(try shard("auto", array) == Shard(index: 3, count: 4))
        #expect(try shard("auto/4", array) == Shard(index: 3, count: 4))
        array["SLURM_ARRAY_TASK_MAX"] = "9"
        #expect(
            refusal("auto", array)
                == "--shard auto: the array has 4 tasks from 2 to 9 in steps of 2, which has gaps; number them without, or give the number of shards, as auto/4"
        )
        // One task of four, started again alone.
        let again = [
            "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "3",
            "SLURM_ARRAY_TASK_COUNT": "1",
        ]
        #expect(try shard("auto/4", again) == Shard(index: 3, count: 4))
        #expect(try shard("auto", again) == .whole)
        #expect(
            refusal("auto", ["SLURM_ARRAY_TASK_ID": "3"])
                == "--shard auto: SLURM_ARRAY_TASK_COUNT is not set; give the number of shards, as auto/4"
        )
        #expect(
            refusal("auto/2", again)
                == "--shard auto/2, SLURM_ARRAY_TASK_ID=3: shard 3 is not among the shards 1 to 2")
    }

    @Test func kubernetes() throws {
        #expect(
            try shard("auto/4", ["JOB_COMPLETION_INDEX": "0"]) == Shard(index: 1, count: 4))
        let told = ["JOB_COMPLETION_INDEX": "3", "JOB_COMPLETION_COUNT": "4"]
        #expect(try shard("auto", told) == Shard(index: 4, count: 4))
        #expect(
            refusal("auto/5", told)
                == "--shard auto/5: JOB_COMPLETION_COUNT says 4; leave one of them out")
        #expect(
            refusal("auto", ["JOB_COMPLETION_INDEX": "0"])
                == "--shard auto: Kubernetes does not tell how many completions a job has; give the number, as auto/4, or set JOB_COMPLETION_COUNT"
        )
        #expect(
            refusal("auto/4", ["JOB_COMPLETION_INDEX": "4"])
                == "--shard auto, JOB_COMPLETION_INDEX=4: shard 5 is not among the shards 1 to 4")
    }

    @Test func gitlab() throws {
        #expect(
            try shard("auto", ["CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "3"])
                == Shard(index: 1, count: 3))
        #expect(
            refusal("auto", ["CI_NODE_INDEX": "1"])
                == "--shard auto: CI_NODE_TOTAL is not set; give the number of shards, as auto/4")
    }

    @Test func environmentsThatSayNothingOrTooMuch() {
        #expect(
            refusal("auto")
                == "--shard auto: none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, CI_NODE_INDEX is set; give the shard as i/n"
        )
        #expect(
            refusal("auto", ["JOB_COMPLETION_INDEX": "1", "CI_NODE_INDEX": "1"])
                == "--shard auto: JOB_COMPLETION_INDEX and CI_NODE_INDEX are all set; give the shard as i/n"
        )
        for text in ["x", "-1", "99999999999", "99999999999999999999"] {
            #expect(
                refusal("auto/4", ["JOB_COMPLETION_INDEX": text])
                    == "--shard auto: JOB_COMPLETION_INDEX is '\(text)', not a whole number")
        }
        #expect(
            refusal("auto/4", ["JOB_COMPLETION_INDEX": ""])
                == "--shard auto: JOB_COMPLETION_INDEX is empty")
    }
}
