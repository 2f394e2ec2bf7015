import OrderedJSON

/// How long the stages of a job took, in the order in which they came.
final class Timings {
    private(set) var stages: [(name: String, milliseconds: Double)] = []

    /// Runs a stage; what the same stage took before is added to.
    func measure<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { add(name, (ContinuousClock.now - start).seconds * 1000) }
        return try body()
    }

    func add(_ name: String, _ milliseconds: Double) {
        if let index = stages.firstIndex(where: { $0.name == name }) {
            stages[index].milliseconds += milliseconds
        } else {
            stages.append((name, milliseconds))
        }
    }

    subscript(name: String) -> Double { stages.first { $0.name == name }?.milliseconds ?? 0 }

    var json: JSON {
        var json: JSON = [:]
        for stage in stages {
            json[stage.name] = .real((stage.milliseconds * 1000).rounded() / 1000)
        }
        return json
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
