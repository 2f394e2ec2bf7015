package import RuntimeAdapter

/// What candidates truly take on the fleet's devices, which the adapter has to find out.
///
/// What the cost model says, wrong by a factor for each class, by another for each candidate on it.
package struct Truth: Sendable {
    /// What can be served; the family's candidates, the most accurate first.
    package let candidates: [CandidateDescription]
    /// By digest of the artifact.
    package let places: [String: Int]
    /// The base's place.
    package let base: Int
    /// By class and candidate: one inference on a cool device like the class, in milliseconds.
    package let inferenceMs: [[Double]]
    /// By class and candidate: decoding, in milliseconds.
    package let decodingMs: [[Double]]
    /// One inference of the base on a core of the cloud, in milliseconds.
    package let cloudMs: Double
    /// By class: what inferences take, as a multiple of what the cost model says.
    private let biases: [Double]

    /// - Parameter seed: of the factors; nil for devices that are as the cost model says.
    /// - Throws: ``FleetError`` if the catalogue has no such family or not its base.
    package init(
        _ catalogue: VariantCatalogue, family: String, seed: UInt64?, options: WorldOptions
    ) throws(FleetError) {
        let selector = VariantSelector(catalogue)
        let candidates = catalogue.candidates.filter { $0.model == family }
        guard !candidates.isEmpty else { throw .noFamily(family) }
        guard let base = candidates.firstIndex(where: { $0.kind == .base }) else {
            throw .noBase(family)
        }
        self.candidates = candidates
        self.base = base
        places = Dictionary(
            candidates.enumerated().map { ($1.digest, $0) }, uniquingKeysWith: { one, _ in one })
        var inference: [[Double]] = []
        var decoding: [[Double]] = []
        var biases: [Double] = []
        for (index, fleetClass) in FleetClass.all.enumerated() {
            var random = SeededRandom(seed ?? 0, Purpose.bias.rawValue, UInt64(index))
            let bias = seed == nil ? 1 : random.logNormal(options.classDeviation)
            let times = Self.times(of: candidates, on: fleetClass, family: family, selector)
            inference.append(
                times.map { time in
                    let own = seed == nil ? 1 : random.logNormal(options.variantDeviation)
                    return time.inferenceMs * bias * own
                })
            decoding.append(times.map(\.decodingMs))
            biases.append(bias)
        }
        inferenceMs = inference
        decodingMs = decoding
        self.biases = biases
        cloudMs =
            Self.times(of: candidates, on: .cloud, family: family, selector)[base].inferenceMs
    }

    /// What inferences take on devices of a class, as a multiple of what the cost model says.
    func slowness(classIndex: Int) -> Double { biases[classIndex] }

    /// What the cost model says, over a line that takes no time.
    private static func times(
        of candidates: [CandidateDescription], on fleetClass: FleetClass, family: String,
        _ selector: VariantSelector
    ) -> [(inferenceMs: Double, decodingMs: Double)] {
        let context = RequestContext(
            model: family, device: .init(deviceClass: fleetClass.name),
            network: .init(bandwidthMbps: Estimate(1_000_000), roundTripMs: Estimate(0)))
        return candidates.map { candidate in
            let assessment = selector.assess(candidate.digest, in: context)
            return (
                assessment?.inference?.meanMs ?? .infinity, assessment?.load?.meanMs ?? 0
            )
        }
    }
}

/// Why a fleet cannot be simulated.
package enum FleetError: Error, Sendable, Hashable {
    /// The catalogue has no family of that name.
    case noFamily(String)
    /// The catalogue has the family but not the network that it comes from.
    case noBase(String)
}

extension VariantCatalogue {
    /// The catalogue as the fleet's server has it: the fleet's classes of devices, and networks so many times as
    /// large in bytes, memory and work.
    ///
    /// Work grows by what devices do less in a time, which is the same, but for the overhead of a layer.
    package func scaled(by scale: Double) -> VariantCatalogue {
        let larger = candidates.map { candidate in
            var candidate = candidate
            candidate.fileBytes = Int(Double(candidate.fileBytes) * scale)
            candidate.decodedBytes = Int(Double(candidate.decodedBytes) * scale)
            candidate.peakMemoryBytes = Int(Double(candidate.peakMemoryBytes) * scale)
            return candidate
        }
        return VariantCatalogue(
            larger, devices: (FleetClass.all + [.cloud]).map { $0.known(scale: scale) })
    }
}
