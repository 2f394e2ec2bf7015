import Synchronization

/// Everything that a selection reads: made whole, swapped whole, never changed.
final class SelectorState: Sendable {
    let catalogue: VariantCatalogue
    /// What was predicted so far, by class of devices.
    let tables: [DeviceClass: PredictionTable]
    /// Which of them came first, for dropping.
    let order: [DeviceClass]

    init(
        catalogue: VariantCatalogue, tables: [DeviceClass: PredictionTable] = [:],
        order: [DeviceClass] = []
    ) {
        self.catalogue = catalogue
        self.tables = tables
        self.order = order
    }

    /// The table of a class; nil if nobody asked for that class lately.
    ///
    /// Allocates nothing.
    func table(for deviceClass: DeviceClass) -> PredictionTable? {
        guard let table = tables[deviceClass] else { return nil }
        // Written only when it changes, so that threads do not take the line from each other.
        if !table.isInUse.load(ordering: .relaxed) { table.isInUse.store(true, ordering: .relaxed) }
        return table
    }

    /// The same with a table more, or in place of the one of its class.
    ///
    /// Of too many the first goes that nobody used since it was last in line (the clock algorithm).
    func adding(_ table: PredictionTable, mostClasses: Int) -> SelectorState {
        var (tables, order) = (tables, order)
        if tables.updateValue(table, forKey: table.deviceClass) == nil {
            order.append(table.deviceClass)
        }
        var turns = order.count
        while order.count > mostClasses {
            let oldest = order.removeFirst()
            let isSpared =
                turns > 0 && oldest != table.deviceClass
                && tables[oldest]?.isInUse.exchange(false, ordering: .relaxed) == true
            turns -= 1
            if isSpared || oldest == table.deviceClass {
                order.append(oldest)
            } else {
                tables[oldest] = nil
            }
        }
        return SelectorState(catalogue: catalogue, tables: tables, order: order)
    }
}
