select month, unit_code, line_code, departure_count from raw.transit__departures
