/// What a ``PerformanceModel`` has learned, as it is stored: no client is in it.
public struct PerformanceState: Sendable, Hashable, Codable {
    /// The version of the stored form that this code reads and writes.
    public static let currentSchema = 1

    /// The version of the stored form.
    public var schema: Int
    /// By class, variant and quantity.
    public var cells: [Cell]

    /// A stored form; what is out of bounds in it is left out where it is restored.
    public init(schema: Int = Self.currentSchema, cells: [Cell]) {
        self.schema = schema
        self.cells = cells
    }

    /// What is known of one variant on one class of devices, or of the class as a whole.
    public struct Cell: Sendable, Hashable, Codable {
        /// What was timed.
        public var quantity: ObservedQuantity
        /// ``DeviceClass/id``.
        public var deviceClass: String
        /// Of the variant's artifact; empty for the class as a whole.
        public var digest: String
        /// Mean of the logarithm of observed over predicted time.
        public var mean: Double
        /// Variance of that logarithm.
        public var variance: Double
        /// Observations that it is worth.
        public var weight: Double
        /// How many of them the server made itself.
        public var trustedWeight: Double
        /// How many clients they came from, as far as anybody looked.
        public var clients: Int

        /// A cell.
        public init(
            quantity: ObservedQuantity, deviceClass: String, digest: String, mean: Double,
            variance: Double, weight: Double, trustedWeight: Double, clients: Int
        ) {
            self.quantity = quantity
            self.deviceClass = deviceClass
            self.digest = digest
            self.mean = mean
            self.variance = variance
            self.weight = weight
            self.trustedWeight = trustedWeight
            self.clients = clients
        }

        enum CodingKeys: String, CodingKey {
            case quantity, digest, mean, variance, weight, clients
            case deviceClass = "device-class"
            case trustedWeight = "trusted-weight"
        }
    }
}

extension PerformanceModel {
    /// What was learned so far, in a fixed order.
    public var state: PerformanceState {
        PerformanceState(
            schema: PerformanceState.currentSchema,
            cells: cells.sorted { $0.key.text < $1.key.text }.map { key, cell in
                PerformanceState.Cell(
                    quantity: key.quantity, deviceClass: key.deviceClass, digest: key.digest,
                    mean: cell.mean, variance: cell.variance, weight: cell.weight,
                    trustedWeight: cell.trustedWeight, clients: cell.clients)
            })
    }

    /// A model that goes on where another one was.
    ///
    /// What is of another schema, or out of bounds, is left out: it is learned again.
    public init(state: PerformanceState, options: LearningOptions = LearningOptions()) {
        self.init(options: options)
        guard state.schema == PerformanceState.currentSchema else { return }
        var cells: [Key: RatioEstimate] = [:]
        for (index, cell) in state.cells.enumerated() {
            guard cell.mean.isFinite, abs(cell.mean) <= 7, (0...16).contains(cell.variance),
                (0...RatioEstimate.mostWeight).contains(cell.weight),
                (0...RatioEstimate.mostWeight).contains(cell.trustedWeight),
                (0...RatioEstimate.recentCount).contains(cell.clients)
            else { continue }
            let key = Key(
                quantity: cell.quantity, deviceClass: cell.deviceClass, digest: cell.digest)
            cells[key] = RatioEstimate(
                mean: cell.mean, variance: cell.variance, weight: cell.weight,
                trustedWeight: cell.trustedWeight, clients: cell.clients)
            cells[key]?.stamp = UInt64(index)
        }
        restore(cells)
    }
}

extension PerformanceModel.Key {
    /// For sorting.
    fileprivate var text: String { "\(deviceClass) \(digest) \(quantity.rawValue)" }
}
