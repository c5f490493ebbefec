"""What a crossing costs: figures from the guest, tables and the chart."""
