select month, unit_code, line_code, departure_count from staging.transit__departures
